/* The view in the address: layer, year, filter, unit, place and language, so that a link shows the same again.
   What a link says wrongly is passed over, part by part. */

part('panel', 61, (app) => {
  const { head, map } = app, clean = (text) => encodeURIComponent(text).replace(/~/g, '%7E');
  let home = '', waiting = null, reading = false, field = null;

  const view = () => { const at = map.getCenter(); return `${+map.getZoom().toFixed(2)}/${at.lat.toFixed(4)}/${at.lng.toFixed(4)}`; };
  function written() {
    const { layer, conditions, unit, lang, year, right } = app.state, said = [];
    if (app.eras && app.eras.at) said.push(['e', app.eras.at]);
    if (layer) said.push(['l', clean(app.layer.key)]);
    if (year !== null) said.push(['y', clean(String(year))]);
    if (conditions.length) said.push(['f', conditions.map(({ column, op, value, other }) =>
      [column, op, value, other].map((each) => (each === null ? '' : clean(String(each)))).join('~')).join(',')]);
    if (unit !== null) said.push(['u', clean(head.units.code[unit])]);
    if (right) said.push(['r', `${clean(head.layers[right.layer].key)}~${right.year === null ? '' : right.year}`]);
    if (view() !== home) said.push(['v', view()]);
    if (lang !== head.page.lang) said.push(['g', lang]);
    return said.map((each) => each.join('=')).join('&');
  }
  function write() {
    clearTimeout(waiting);
    waiting = null;
    if (app.left.signal.aborted) return;
    const hash = written();
    if (reading || hash === location.hash.slice(1)) return;
    try { history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search); } catch { /* nowhere to write it */ }
  }
  const later = () => { if (!reading && location.protocol !== 'about:') { clearTimeout(waiting); waiting = setTimeout(write, 300); } };

  function read(first, link = location.hash.slice(1)) {
    const said = new Map(link.split('&').map((each) => each.split('=')).filter((each) => each.length === 2));
    if (first && !said.size) return;
    const era = said.get('e') === '1' ? 1 : 0;
    if (app.eras && era !== app.eras.at) { app.eras.show(era, link); return; }
    const change = { layer: 0, year: null, right: null, conditions: [], lang: head.page.lang, unit: null };
    const text = (key) => { try { return decodeURIComponent(said.get(key)); } catch { return ''; } };
    if (said.has('l')) change.layer = Math.max(0, head.layers.findIndex((each) => each.key === text('l')));
    if (said.has('g') && ['vi', 'en'].includes(text('g'))) change.lang = text('g');
    if (said.has('f')) change.conditions = said.get('f').split(',').map(condition).filter(Boolean);
    if (said.has('y')) {
      const year = +text('y');
      if (app.years(head.layers[change.layer].column).includes(year)) change.year = year;
    }
    if (said.has('r')) {
      const [key, year] = text('r').split('~'), layer = head.layers.findIndex((each) => each.key === key);
      if (layer >= 0) change.right = { layer, year: app.years(head.layers[layer].column).includes(+year) ? +year : null };
    }
    reading = true;
    app.set(change);
    const place = said.has('v') ? text('v').split('/').map(Number) : [];
    const fits = place.length === 3 && place.every(Number.isFinite) && Math.abs(place[1]) < 85 && Math.abs(place[2]) <= 180;
    if (fits) map.setView([place[1], place[2]], Math.min(map.getMaxZoom(), Math.max(map.getMinZoom(), place[0])), { animate: false });
    const unit = said.has('u') ? head.units.code.indexOf(text('u')) : -1;
    if (unit >= 0) app.set({ unit, at: null, near: !fits });
    reading = false;
  }
  function condition(text) {
    try {
      const [column, op, value, other] = text.split('~').map(decodeURIComponent), known = head.columns[column];
      if (column === PLACE) return head.units.provinces.includes(value) ? { column, op: 'is', value, other: null } : null;
      if (!known) return null;
      if (op === 'none') return { column, op, value: null, other: null };
      if (op === 'is') return value === 'true' || value === 'false' || known.choices[value] ? { column, op, value, other: null } : null;
      const number = (each) => (each && Number.isFinite(+each) ? +each : null);
      if (!COMPARE[op] || !['number', 'integer'].includes(known.type) || number(value) === null) return null;
      return op === 'in' && number(other) === null ? null : { column, op, value: number(value), other: number(other) };
    } catch { return null; }
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
      field.focus();
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
