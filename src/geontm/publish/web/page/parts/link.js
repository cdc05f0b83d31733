/* The view in the address, so that a link shows the same again: boundaries (e), layer (l), year (y), filter (f, with the
   province), unit (u), divider (r), overlays (o), table and its order (t), place (v) and language (g). What a link says
   wrongly is passed over, part by part. */

part('panel', 61, (app) => {
  const { head, map } = app, clean = (text) => encodeURIComponent(text ?? '').replace(/~/g, '%7E');
  const plain = (text) => { try { return decodeURIComponent(text); } catch { return ''; } };
  const listed = (parts) => parts.map(clean).join('~');
  let home = '', waiting = null, reading = false, field = null;

  const view = () => { const at = map.getCenter(); return `${+map.getZoom().toFixed(2)}/${at.lat.toFixed(4)}/${at.lng.toFixed(4)}`; };
  function written() {
    const { layer, conditions, unit, lang, year, right, divider, overlays, table } = app.state;
    return Object.entries({
      e: app.eras && app.eras.at,
      l: layer && clean(app.layer.key),
      y: year,
      f: conditions.map(({ column, op, value, other }) => listed([column, op, value, other])).join(','),
      u: unit !== null && clean(head.units.code[unit]),
      r: right && listed([head.layers[right.layer].key, right.year, divider]),
      o: overlays.split(' ').map(clean).join(','),
      t: table && listed([table.by, table.down ? 1 : '']),
      v: view() !== home && view(),
      g: lang !== head.page.lang && lang,
    }).filter(([, text]) => text).map((each) => each.join('=')).join('&');
  }
  function write() {
    clearTimeout(waiting);
    if (reading || app.left.signal.aborted || written() === location.hash.slice(1)) return;
    try { history.replaceState(null, '', written() ? '#' + written() : location.pathname + location.search); } catch { /* nowhere to write it */ }
  }
  function later() {
    clearTimeout(waiting);
    if (!reading && location.protocol !== 'about:') waiting = setTimeout(write, 300);
  }

  function read(first, link = location.hash.slice(1)) {
    const said = new Map(link.split('&').map((each) => each.split('=')).filter((each) => each.length === 2));
    if (first && !said.size) return;
    const era = said.get('e') === '1' ? 1 : 0;
    if (app.eras && era !== app.eras.at) return void app.eras.show(era, link);
    const parts = (key, by = '~') => (said.has(key) ? said.get(key).split(by).map(plain) : []);
    const layer = (key) => head.layers.findIndex((each) => each.key === key);
    const yearOf = (number, text) => (app.years(head.layers[number].column).includes(+text) ? +text : null);
    const shown = Math.max(0, layer(parts('l')[0])), [key, year, at] = parts('r'), [by, down] = parts('t'), lang = parts('g')[0];
    const other = layer(key), named = parts('o', ','), unit = head.units.code.indexOf(parts('u')[0]);
    reading = true;
    app.set({
      layer: shown, year: yearOf(shown, parts('y')[0]), unit: null, lang: ['vi', 'en'].includes(lang) ? lang : head.page.lang,
      conditions: said.has('f') ? said.get('f').split(',').map(condition).filter(Boolean) : [],
      right: other < 0 ? null : { layer: other, year: yearOf(other, year) }, divider: at && at >= 0 && at <= 100 ? +at : null,
      overlays: (head.overlays || []).map(({ name }) => name).filter((name) => named.includes(name)).join(' '),
      table: said.has('t') ? { by: by || null, down: down === '1' } : null,
    });
    const [zoom, lat, lng] = parts('v', '/').map(Number), fits = Number.isFinite(zoom) && Math.abs(lat) < 85 && Math.abs(lng) <= 180;
    map.invalidateSize({ animate: false }); // the table may have taken its part
    if (fits) map.setView([lat, lng], Math.min(map.getMaxZoom(), Math.max(map.getMinZoom(), zoom)), { animate: false });
    if (unit >= 0) app.set({ unit, at: null, near: !fits });
    reading = false;
  }
  function condition(text) {
    const [column, op, value, other] = text.split('~').map(plain), number = (each) => (each && Number.isFinite(+each) ? +each : null);
    const known = Object.hasOwn(head.columns, column) && head.columns[column], found = { column, op, value, other: null };
    if (column === PLACE) return op === 'is' && head.units.provinces.includes(value) ? found : null;
    if (!known) return null;
    if (op === 'none') return { ...found, value: null };
    if (op === 'is') return value === 'true' || value === 'false' || Object.hasOwn(known.choices, value) ? found : null;
    const complete = Object.hasOwn(COMPARE, op) && isNumber(known) && number(value) !== null && (op !== 'in' || number(other) !== null);
    return complete ? { ...found, value: number(value), other: number(other) } : null;
  }

  async function copy(button) {
    write();
    field.value = location.href;
    field.parentNode.hidden = false;
    const said = field.parentNode.querySelector('[role=status]');
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = app.t('link_copied');
      button.focus();
    } catch {
      said.textContent = app.t('link_refused');
      field.select();
    }
  }
  return {
    draw() {
      if (location.protocol === 'about:') return null; // a cell of a notebook has no address
      field = el('input', { type: 'text', readonly: true, 'aria-label': app.t('link_text') });
      const button = el('button', { type: 'button', class: 'gt-button gt-third', onclick: () => copy(button) }, app.t('link'));
      return el('div', { class: 'gt-link' }, button, el('div', { hidden: true }, field, el('p', { class: 'gt-fine', role: 'status' })));
    },
    start() {
      home = view();
      app.written = written;
      if (app.link !== undefined) read(true, app.link);
      if (location.protocol === 'about:') return;
      if (app.link === undefined) read(true); else later();
      map.on('moveend', later);
      window.addEventListener('hashchange', () => { if (location.hash.slice(1) !== written()) read(false); }, { signal: app.left.signal });
    },
    update: later,
  };
});
