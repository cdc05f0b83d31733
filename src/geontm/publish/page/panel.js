/* The panel: title, search, layer switch, legend, sources; and the start of the page. */

class Page extends CardSide {
  drawPanel() {
    const { page, layers, columns, units } = this.head;
    document.documentElement.lang = this.lang;
    document.title = `${this.pick(page.map)} – ${page.title}`;
    const badges = [];
    if (page.schematic) badges.push(el('span', { class: 'gt-badge gt-schematic' }, this.t('schematic')));
    const told = layers.some((layer) => columns[layer.column].illustrative)
      || this.head.verdicts.rulesets.some((ruleset) => ruleset.illustrative);
    if (told) {
      badges.push(el('span', { class: 'gt-badge gt-illustrative' }, this.t('illustrative')));
    }
    const groups = new Map();
    layers.forEach((layer, number) => {
      const name = this.pick(layer.group) || this.t('indicators');
      groups.set(name, [...(groups.get(name) || []), number]);
    });
    // A long list is folded by group, so that the legend stays in sight.
    const folded = layers.length > MANY_LAYERS && groups.size > 1;
    const switches = [...groups].map(([name, numbers]) => {
      const fields = el('fieldset', { class: 'gt-switch' }, el('legend', { class: folded ? 'gt-hidden' : null }, name),
        ...numbers.map((number) => {
          const column = columns[layers[number].column];
          const input = el('input', { type: 'radio', name: 'gt-layer', value: layers[number].column,
            checked: number === this.current, onchange: () => this.show(number) });
          return el('label', {}, input, el('span', {}, this.pick(column.short)));
        }));
      return folded ? el('details', { class: 'gt-group', open: numbers.includes(this.current) },
        el('summary', {}, name, el('span', {}, String(numbers.length))), fields) : fields;
    });
    this.legend = el('section', { class: 'gt-legend', 'aria-live': 'polite', 'aria-label': this.t('legend') });
    const other = this.lang === 'vi' ? 'en' : 'vi';
    this.panel.replaceChildren(
      el('header', {},
        el('div', { class: 'gt-top' }, el('p', { class: 'gt-kicker' }, this.pick(page.map)),
          el('button', { type: 'button', class: 'gt-lang', lang: other, onclick: () => this.speak(other) },
            other === 'en' ? 'English' : 'Tiếng Việt')),
        el('h1', {}, page.title),
        el('p', { class: 'gt-sub' }, `${this.t(page.towns ? 'units_then' : 'units', { n: this.number(units.code.length, 0) })} · ${this.t('as_of', { day: this.day(page.as_of) })}`),
        badges.length ? el('p', { class: 'gt-badges' }, ...badges) : ''),
      this.search(), ...switches, this.legend, this.foot());
    this.drawLegend();
  }

  drawLegend() {
    const layer = this.head.layers[this.current], column = this.head.columns[layer.column];
    const { counts, colours, unknown } = this.classes[this.current], most = Math.max(...counts, unknown, 1);
    const row = (swatch, label, count) => el('tr', {}, el('td', {}, swatch), el('th', { scope: 'row' }, label),
      el('td', { class: 'gt-count' }, el('span', { class: 'gt-bar' }), this.number(count, 0)));
    const rows = counts.map((count, k) => row(swatchOf(colours[k]), this.rangeLabel(layer, k), count));
    rows.push(row(swatchOf(HATCH), layer.missing ? this.pick(layer.missing) : this.t('no_data'), unknown));
    [...counts, unknown].forEach((count, k) => { rows[k].querySelector('.gt-bar').style.width = `${(100 * count) / most}%`; });
    const facts = [column.unit ? this.t('unit', { unit: this.unit(column.unit) }) : '',
      column.years.length ? this.t('year', { year: spanOf(column.years) }) : ''].filter(Boolean).join(' · ');
    const notes = [];
    if (layer.kind === 'choropleth') notes.push(this.t('method_' + layer.method, { n: counts.length }));
    if (column.note) notes.push(this.pick(column.note));
    if (column.sources.length) notes.push(this.t(column.measured ? 'measured_from' : 'source', { source: column.sources.join(', ') }));
    this.legend.replaceChildren(
      el('h2', {}, this.pick(column.label)),
      facts ? el('p', { class: 'gt-sub' }, facts) : '',
      column.illustrative ? el('p', { class: 'gt-badges' }, el('span', { class: 'gt-badge gt-illustrative' }, this.t('illustrative'))) : '',
      el('table', {}, el('caption', { class: 'gt-hidden' }, this.t('legend_caption')),
        el('thead', { class: 'gt-hidden' }, el('tr', {}, el('td', {}), el('th', { scope: 'col' }, this.t('class')), el('th', { scope: 'col' }, this.t('count')))),
        el('tbody', {}, ...rows)),
      ...notes.map((note) => el('p', { class: 'gt-fine' }, note)),
      el('p', { class: 'gt-fine gt-counted' }, this.t('counted')));
  }

  foot() {
    const { page } = this.head;
    const lines = [this.t('boundaries', { source: this.pick(page.boundary_source) })];
    if (page.boundary_date) lines.push(this.t('valid_from', { day: this.day(page.boundary_date) }));
    lines.push(this.t('crs', { crs: page.crs }));
    if (page.schematic) lines.push(this.t('schematic_note'));
    else lines.push(this.t('simplified', { m: this.number(page.tolerance_m, 0) }));
    if (page.border_tolerance_m !== null) lines.push(this.t('border_tolerance', { m: this.number(page.border_tolerance_m, 0) }));
    if (page.without_shape) lines.push(this.t('without_shape', { n: page.without_shape }));
    lines.push(this.t('offline'));
    return el('footer', {}, ...lines.map((line) => el('p', {}, line)),
      el('p', { class: 'gt-print' }, `${this.t('fingerprint')} `, el('code', {}, page.fingerprint)));
  }

  search() {
    const { units } = this.head;
    const keys = (this.keys = this.keys || units.name.map((name) => bare(name)));
    const list = el('ul', { id: 'gt-found', role: 'listbox', 'aria-label': this.t('search'), hidden: true });
    const input = el('input', { type: 'search', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'gt-found',
      'aria-autocomplete': 'list', autocomplete: 'off', placeholder: this.t('search'), 'aria-label': this.t('search') });
    let found = [], active = -1;
    const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
    const take = (unit) => { close(); input.value = units.name[unit]; this.goTo(unit); };
    const mark = (next) => {
      active = next;
      [...list.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === active)));
      if (active >= 0) input.setAttribute('aria-activedescendant', 'gt-found-' + active);
    };
    input.addEventListener('input', () => {
      const words = bare(input.value).split(/\s+/).filter(Boolean), whole = words.join(' ');
      if (!whole) return close();
      const score = (key) => (shortKey(key) === whole ? 0 : shortKey(key).startsWith(whole) || key.startsWith(whole) ? 1 : 2);
      found = keys.map((key, unit) => unit).filter((unit) => words.every((word) => keys[unit].includes(word)));
      found.sort((a, b) => score(keys[a]) - score(keys[b]) || a - b);
      found = found.slice(0, 8);
      list.replaceChildren(...(found.length ? found.map((unit, k) => el('li', { role: 'option', id: 'gt-found-' + k,
        'aria-selected': 'false', onmousedown: (event) => { event.preventDefault(); take(unit); } },
        units.name[unit], el('small', {}, units.provinces[units.province[unit]]))) : [el('li', { class: 'gt-none' }, this.t('nothing_found'))]));
      list.hidden = false;
      input.setAttribute('aria-expanded', 'true');
      mark(-1);
    });
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') return close();
      if (list.hidden || !found.length) return;
      if (event.key === 'ArrowDown') { mark((active + 1) % found.length); event.preventDefault(); }
      if (event.key === 'ArrowUp') { mark((active - 1 + found.length) % found.length); event.preventDefault(); }
      if (event.key === 'Enter') take(found[Math.max(active, 0)]);
    });
    input.addEventListener('blur', close);
    return el('div', { class: 'gt-search' }, input, list);
  }

  goTo(unit) {
    const layer = this.layers[unit];
    if (layer) this.map.fitBounds(layer.getBounds(), { maxZoom: 10.5, padding: [60, 60], animate: false });
    this.choose(unit);
  }

  show(number) {
    this.current = number;
    this.panel.querySelectorAll('.gt-switch input').forEach((input) => {
      input.checked = input.value === this.head.layers[number].column;
    });
    this.paint();
    this.drawLegend();
    this.map.closePopup();
  }

  speak(lang) {
    this.lang = lang;
    this.map.closePopup();
    this.drawPanel();
    this.label();
    this.panel.querySelector('.gt-lang').focus();
  }

  label() {
    const box = this.map.getContainer();
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', this.t('map_of', { title: this.head.page.title }));
    this.panel.setAttribute('aria-label', this.t('panel'));
    const zoom = [['in', 'zoom_in'], ['out', 'zoom_out']];
    for (const [way, key] of zoom) {
      const button = box.querySelector('.leaflet-control-zoom-' + way);
      if (button) { button.title = this.t(key); button.setAttribute('aria-label', this.t(key)); }
    }
    this.credit.textContent = this.t('boundaries', { source: this.pick(this.head.page.boundary_source) })
      + (this.head.page.schematic ? ` · ${this.t('schematic')}` : '');
  }

  build() {
    const box = this.map.getContainer(), frame = el('div', { class: 'gt-page' });
    this.panel = el('aside', { class: 'gt-panel' });
    box.parentNode.insertBefore(frame, box);
    frame.append(this.panel, el('main', { class: 'gt-main' }, box));
    const credit = L.control({ position: 'bottomright' });
    this.credit = el('div', { class: 'gt-credit' });
    credit.onAdd = () => this.credit;
    credit.addTo(this.map);
    this.map.invalidateSize({ animate: false });
    this.label();
    this.drawPanel();
    performance.mark('gt-panel');
    this.drawMap();
    performance.mark('gt-drawn');
  }
}

geontm.attach = async function attach(map, id) {
  if (typeof DecompressionStream === 'undefined') {
    map.getContainer().textContent = 'Trình duyệt quá cũ, không mở được bản đồ. / This browser is too old for the map.';
    return;
  }
  const { head, reader } = await unpack(id);
  performance.mark('gt-unpacked');
  geontm.map = map;
  geontm.page = new Page(map, head, reader);
  geontm.page.build();
  requestAnimationFrame(() => requestAnimationFrame(() => { geontm.readyAt = performance.now(); }));
};
