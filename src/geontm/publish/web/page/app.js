/* The hub of the page: what it knows, what is chosen now, and who is told when that changes.

   A feature is a part: part(place, order, (app) => ({ draw, update })). `draw()` gives the node that stands at the
   part's place ('top', 'panel', 'foot', or 'map' for what hangs on the map itself and gives none); it runs at the start
   and again when the language changes. `update(changed)` is told the names of what changed in `app.state`. Parts never
   call each other: they read the state, and set it. */

const PARTS = [];

function part(place, order, make) { PARTS.push({ place, order, make }); }

class App extends Words {
  constructor(map, head, reader) {
    super(head);
    this.map = map;
    this.reader = reader;
    // layer: number in head.layers; unit: the one whose card is open; at: where its card hangs (null: on its name);
    // conditions: of the filter; shown: 1 for every unit that they let through, null where there is no filter.
    this.state = { ...this.state, layer: 0, unit: null, at: null, conditions: [], shown: null };
    this.classed = new Map();
    const parts = [...PARTS].sort((a, b) => a.order - b.order);
    this.parts = parts.map(({ place, make }) => ({ place, ...make(this) }));
  }

  get layer() { return this.head.layers[this.state.layer]; }
  get count() { return this.head.units.code.length; }

  set(change) {
    const changed = new Set(Object.keys(change).filter((key) => change[key] !== this.state[key]));
    if (!changed.size) return;
    Object.assign(this.state, change);
    if (changed.has('lang')) this.drawPanel();
    for (const each of this.parts) if (each.update) each.update(changed);
  }

  // The class of every unit on a layer (-1: no data), its colours, and how many units of the filter are in each.
  view(layer) {
    const { of, colours } = this.classes(layer || this.layer), { shown } = this.state;
    const counts = new Array(colours.length).fill(0);
    let unknown = 0;
    of.forEach((k, unit) => {
      if (shown && !shown[unit]) return;
      if (k < 0) unknown++; else counts[k]++;
    });
    return { of, colours, counts, unknown };
  }
  classes(layer) {
    if (this.classed.has(layer)) return this.classed.get(layer);
    const number = layer.kind === 'category'
      ? new Map(layer.categories.map((category, k) => [category.value, k])) : null;
    const of = Int16Array.from(this.values(layer.column), (value) => {
      if (value === null) return -1;
      if (number) return number.get(String(value));
      let k = 0;
      while (k < layer.breaks.length && value >= layer.breaks[k]) k++;
      return k;
    });
    const colours = number ? layer.categories.map((c) => c.colour) : layer.colours;
    this.classed.set(layer, { of, colours });
    return this.classed.get(layer);
  }
  rangeLabel(layer, k) {
    if (layer.kind === 'category') return this.pick(layer.categories[k].label);
    const n = (value) => this.number(value, 8), cut = layer.breaks;
    if (!cut.length) return n(this.values(layer.column).find((v) => v !== null));
    if (k === 0) return this.t('below', { a: n(cut[0]) });
    if (k === cut.length) return this.t('from', { a: n(cut[k - 1]) });
    return this.t('between', { a: n(cut[k - 1]), b: n(cut[k]) });
  }
  nothing(layer) { return layer && layer.missing ? this.pick(layer.missing) : this.t('no_data'); }

  build() {
    const box = this.map.getContainer(), frame = el('div', { class: 'gt-page' });
    this.panel = el('aside', { class: 'gt-panel' });
    box.parentNode.insertBefore(frame, box);
    frame.append(this.panel, el('main', { class: 'gt-main' }, box));
    this.map.invalidateSize({ animate: false });
    this.drawPanel();
    performance.mark('gt-panel');
    for (const each of this.parts) if (each.start) each.start();
    performance.mark('gt-drawn');
  }
  drawPanel() {
    const { page } = this.head;
    document.documentElement.lang = this.lang;
    document.title = `${this.pick(page.map)} – ${page.title}`;
    this.panel.setAttribute('aria-label', this.t('panel'));
    const at = (place) => this.parts.filter((each) => each.place === place).map((each) => each.draw()).filter(Boolean);
    for (const each of this.parts) if (each.place === 'map' && each.draw) each.draw();
    this.panel.replaceChildren(el('header', {}, ...at('top')), ...at('panel'), el('footer', {}, ...at('foot')));
  }
}
