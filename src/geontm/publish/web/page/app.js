/* The hub of the page: what it knows, what is chosen now, and who is told when that changes.

   A feature is a part: part(place, order, (app) => ({ draw, update })). `draw()` gives the node that stands at the
   part's place ('top', 'panel', 'foot', or 'map' for what hangs on the map itself and gives none); it runs at the start
   and again when the language changes. `update(changed)` is told the names of what changed in `app.state`. Parts never
   call each other: they read the state, and set it. */

const PARTS = [];

function part(place, order, make) { PARTS.push({ place, order, make }); }

class App extends Words {
  constructor(map, { head, reader }, eras) {
    super(head);
    this.map = map;
    this.reader = reader;
    this.eras = eras; // { heads, at, show(number, link) } where the page holds boundaries of two dates, else null
    this.left = new AbortController(); // aborted when another era takes the place of this one
    // layer: number in head.layers; unit: the one whose card is open; at: where its card hangs (null: on its name);
    // conditions: of the filter; shown: 1 for every unit that they let through, null where there is no filter;
    // year: null for the newest figures; right: { layer, year } on the other side of the divider, null without one;
    // divider: percent of the map's width (null: in the middle of what is in sight); overlays: their names, in a row;
    // table: { by, down }, its order (by null: that of the codes), null where it is closed.
    this.state = { ...this.state, layer: 0, unit: null, at: null, conditions: [], shown: null, year: null, right: null,
      divider: null, overlays: '', table: null };
    this.classed = new Map();
    const parts = [...PARTS].sort((a, b) => a.order - b.order);
    this.parts = parts.map(({ place, make }) => ({ place, ...make(this) }));
  }

  get layer() { return this.head.layers[this.state.layer]; }
  get count() { return this.head.units.code.length; }

  set(change) {
    const { year } = this.state;
    if (year !== null && change.layer !== undefined && change.year === undefined) {
      change = { ...change, year: this.years(this.head.layers[change.layer].column).includes(year) ? year : null };
    }
    const changed = new Set(Object.keys(change).filter((key) => change[key] !== this.state[key]));
    if (!changed.size || this.left.signal.aborted) return;
    Object.assign(this.state, change);
    if (changed.has('lang')) this.drawPanel();
    for (const each of this.parts) if (each.update) each.update(changed);
  }

  // The values of a column: of the chosen year where it has that year, else the newest.
  values(name, year = this.state.year) {
    const column = this.head.columns[name];
    return this.years(name).includes(year) ? seriesOf(column)[year] : column.values;
  }
  years(name) {
    const { series } = this.head.columns[name];
    return series ? series.years : [];
  }

  // The class of every unit on a layer (-1: no data), its colours, and how many units of the filter are in each.
  view(layer = this.layer, year = this.state.year) {
    const { of, colours } = this.classes(layer, year), { shown } = this.state;
    const counts = new Array(colours.length).fill(0);
    let unknown = 0;
    of.forEach((k, unit) => {
      if (shown && !shown[unit]) return;
      if (k < 0) unknown++; else counts[k]++;
    });
    return { of, colours, counts, unknown };
  }
  classes(layer, year = this.state.year) {
    const key = `${layer.key} ${this.years(layer.column).includes(year) ? year : ''}`;
    if (this.classed.has(key)) return this.classed.get(key);
    const number = layer.categories ? new Map(layer.categories.map((category, k) => [category.value, k])) : null;
    const { breaks, below } = layer;
    const of = Int16Array.from(this.values(layer.column, year), (value) => {
      if (value === null) return -1;
      if (number) return number.get(String(value));
      let k = 0;
      while (k < breaks.length && (below[k] ? value > breaks[k] : value >= breaks[k])) k++;
      return k;
    });
    this.classed.set(key, { of, colours: layer.colours });
    return this.classed.get(key);
  }
  // What pointing at a unit says: its figure, on both sides of the divider.
  told(unit) {
    const { layer, year, right } = this.state, { layers, columns } = this.head;
    return [{ layer, year }, ...(right ? [right] : [])].map((each) => {
      const shown = layers[each.layer], value = this.value(shown.column, unit, each.year), at = this.years(shown.column).includes(each.year);
      return `${this.pick(columns[shown.column].short)}${at ? ` ${each.year}` : ''}: ${value !== null ? value : this.nothing(shown)}`;
    });
  }
  rangeLabel(layer, k) { return this.pick(layer.categories ? layer.categories[k].label : layer.labels[k]); }
  // What an empty value of a layer or column says: a verdict is not decided, of a figure there is no data.
  nothing(of) { return of && of.missing ? this.pick(of.missing) : this.t('no_data'); }

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
