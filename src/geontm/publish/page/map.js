/* The map side of the page: words, classes, outlines, names, pointing and choosing. */

class MapSide {
  constructor(map, head, reader) {
    this.map = map;
    this.head = head;
    this.lang = head.page.lang;
    this.shapes = reader.polygons();
    this.borders = reader.lines();
    this.context = reader.polygons();
    this.current = 0;
    this.selected = null;
    this.classes = head.layers.map((layer) => this.classify(layer));
  }

  // ---- words and numbers

  t(key, fields) {
    const text = this.head.texts[key][this.lang];
    return text.replace(/\{(\w+)\}/g, (_, name) => String((fields || {})[name]));
  }
  pick(pair) { return pair ? pair[this.lang] : ''; }
  number(value, digits) {
    const size = Math.abs(value);
    const places = digits !== undefined ? digits : size >= 100 ? 1 : size >= 1 ? 2 : 3;
    return value.toLocaleString(this.lang === 'vi' ? 'vi-VN' : 'en-US', { maximumFractionDigits: places });
  }
  day(iso) {
    const [year, month, day] = iso.split('-');
    return this.lang === 'vi' ? `${day}/${+month < 3 ? month : +month}/${year}` : iso;  // 01/02/2026, 30/6/2026: as decrees write it
  }
  value(name, unit) {
    const column = this.head.columns[name], value = column.values[unit];
    if (value === null) return this.between(column, unit);
    if (typeof value === 'boolean') return this.t(value ? 'yes' : 'no');
    const choice = column.choices[String(value)];
    if (choice) return this.pick(choice);
    if (typeof value === 'string') {  // a text may list several of its column's words
      return value.split(', ').map((word) => (column.choices[word] ? this.pick(column.choices[word]) : word)).join(', ');
    }
    return this.number(value, this.digits(column)) + this.sign(column);
  }
  sign(column) { return column.unit === '%' ? '\u00a0%' : column.unit ? '\u00a0' + this.unit(column.unit) : ''; }
  digits(column) { return WHOLE.has(column.unit) ? 0 : undefined; }
  between(column, unit) {  // what an open value is at least and at most
    if (!column.bounds) return null;
    const [low, high] = column.bounds.map((values) => values[unit]), sign = this.sign(column);
    if (low === null && high === null) return null;
    const digits = this.digits(column);
    if (high === null) return this.t('at_least_value', { a: this.number(low, digits) + sign });
    if (low === null) return this.t('at_most_value', { a: this.number(high, digits) + sign });
    const [a, b] = this.span(low, high, digits);
    return (a === b ? a : `${a}\u2060–\u2060${b}`) + sign;
  }
  span(low, high, digits) {  // bounds that differ read alike only where four digits cannot tell them apart
    const plain = [low, high].map((each) => this.number(each, digits));
    return plain[0] !== plain[1] || low === high ? plain : [low, high].map((each) => this.number(each, 4));
  }
  unit(unit) {
    const known = this.head.texts['unit_' + bare(unit).replace(/[^a-z0-9]+/g, '_')];
    return known ? known[this.lang] : unit;
  }

  // ---- classes: the same arrays fill the map and the legend's counts

  classify(layer) {
    const values = this.head.columns[layer.column].values;
    const number = layer.kind === 'category'
      ? new Map(layer.categories.map((category, k) => [category.value, k])) : null;
    const of = values.map((value) => {
      if (value === null) return -1;
      if (number) return number.get(String(value));
      let k = 0;
      while (k < layer.breaks.length && value >= layer.breaks[k]) k++;
      return k;
    });
    const colours = number ? layer.categories.map((c) => c.colour) : layer.colours;
    const counts = new Array(colours.length).fill(0);
    let unknown = 0;
    for (const k of of) k < 0 ? unknown++ : counts[k]++;
    return { of, colours, counts, unknown };
  }
  rangeLabel(layer, k) {
    if (layer.kind === 'category') return this.pick(layer.categories[k].label);
    const n = (value) => this.number(value, 8), cut = layer.breaks;
    if (!cut.length) {
      const value = this.head.columns[layer.column].values.find((v) => v !== null);
      return n(value);
    }
    if (k === 0) return this.t('below', { a: n(cut[0]) });
    if (k === cut.length) return this.t('from', { a: n(cut[k - 1]) });
    return this.t('between', { a: n(cut[k - 1]), b: n(cut[k]) });
  }

  // ---- map

  drawMap() {
    const map = this.map;
    for (const [name, z] of [['gt-focus', 450], ['gt-names', 460]]) {
      map.createPane(name).style.zIndex = z;
      map.getPane(name).style.pointerEvents = 'none';
    }
    this.home(); // before the layers are added: each is projected once
    this.renderer = new IsletCanvas({ padding: 0.3 });
    this.pattern = hatch();
    const quiet = { renderer: this.renderer, interactive: false };
    for (const shape of this.context) {
      L.polygon(shape, { ...quiet, fillColor: '#e7e4dc', fillOpacity: 1, color: '#cfcbc1', weight: 0.8 }).addTo(map);
    }
    this.group = L.featureGroup();
    this.layers = this.shapes.map((shape, unit) => {
      if (!shape.length) return null;
      const islets = shape.every((part) => {
        const box = L.latLngBounds(part[0]);
        return box.getEast() - box.getWest() < 0.12 && box.getNorth() - box.getSouth() < 0.12;
      });
      const layer = L.polygon(shape, {
        renderer: this.renderer, fillOpacity: 1, weight: 0.7, smoothFactor: 0.6, islets, unit, parts: shape.length,
      });
      this.group.addLayer(layer);
      return layer;
    });
    this.group.addTo(map);
    for (const [colour, weight] of [['#ffffff', 2], ['#4a4f55', 0.9]]) {
      L.polyline(this.borders, { ...quiet, color: colour, weight, opacity: weight > 2 ? 0.55 : 0.9, smoothFactor: 0.6 })
        .addTo(map);
    }
    this.focus = L.layerGroup().addTo(map);
    this.tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6], className: 'gt-tip' });
    const unitOf = (event) => (event.propagatedFrom || event.layer || event.sourceTarget).options.unit;
    this.group.on('mouseover mousemove', (event) => this.hover(unitOf(event), event.latlng));
    this.group.on('mouseout', () => this.hover(null));
    this.group.on('click', (event) => { L.DomEvent.stop(event); this.choose(unitOf(event), event.latlng); });
    map.on('zoomend', () => this.strokes());
    map.on('popupclose', () => { this.selected = null; this.outline(null); });
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    this.paint();
    this.names = new Names(this.nameCandidates()).addTo(map);
  }

  home() {
    const box = this.head.bounds;
    if (box) this.map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { paddingTopLeft: [18, 18], paddingBottomRight: [18, 46],
      animate: false });
  }

  paint() {
    const { of, colours } = this.classes[this.current];
    this.layers.forEach((layer, unit) => {
      if (layer) layer.options.fillColor = of[unit] < 0 ? this.pattern : colours[of[unit]];
    });
    this.strokes(true);
  }

  strokes(always) {
    const inked = this.layers.length < 400 || this.map.getZoom() >= 9.25, near = this.map.getZoom() >= 9;
    if (!always && inked === this.inked && near === this.near) return;
    this.inked = inked;
    this.near = near;
    for (const layer of this.layers) {
      if (!layer) continue;
      const { fillColor, parts } = layer.options, outlined = inked && (near || parts < MANY_PARTS);
      layer.options.color = outlined ? '#75706a' : typeof fillColor === 'string' ? fillColor : '#c9c6bf';
      layer.options.weight = outlined ? 0.8 : 0.7;
      layer.options.opacity = outlined ? 0.75 : 1;
    }
    if (this.renderer._ctx) {
      this.renderer._redrawBounds = null;
      this.renderer._redraw();
    }
  }

  nameCandidates() {
    const { units, labels } = this.head, many = units.provinces.length > 1, family = '"Noto Sans","Segoe UI",sans-serif';
    const found = [];
    const add = (text, at, options) => found.push({
      text, at: L.latLng(at[1], at[0]), from: 0, to: 99, halo: 3, shift: 0, box: null, colour: '#1f2326', ...options,
    });
    for (const code of labels.always) {
      const unit = units.code.indexOf(code);
      if (this.layers[unit]) {
        const box = this.layers[unit].getBounds();
        add(units.name[unit], [box.getCenter().lng, box.getSouth()],
          { shift: 12, font: `italic 600 12px ${family}`, colour: '#12384f' });
      }
    }
    const top = many ? labels.provinces : [];
    for (const [name, x, y] of top) {
      add(shortName(name), [x, y], { from: units.code.length > 400 ? 5.4 : 0, to: units.code.length > 400 ? 9.5 : 8,
        font: `700 12px ${family}` });
    }
    for (const [name, x, y] of labels.context) {
      add(name.toLocaleUpperCase('vi'), [x, y], { font: `600 11px ${family}`, colour: '#857f74' });
    }
    const order = this.layers.map((layer, unit) => unit).filter((unit) => this.layers[unit] && units.label_at[unit]);
    const area = (unit) => {
      const box = this.layers[unit].getBounds();
      return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
    };
    order.sort((a, b) => area(b) - area(a) || a - b);
    for (const unit of order) {
      if (labels.always.includes(units.code[unit])) continue;
      add(shortName(units.name[unit]), units.label_at[unit],
        { from: many ? 8.5 : 0, font: `500 11.5px ${family}`, box: this.layers[unit].getBounds() });
    }
    return found;
  }

  hover(unit, at) {
    if (unit === null) { this.tip.remove(); this.hovered = null; if (this.selected === null) this.outline(null); return; }
    if (unit !== this.hovered) {
      this.hovered = unit;
      if (this.selected === null) this.outline(unit);
      const layer = this.head.layers[this.current], value = this.value(layer.column, unit);
      this.tip.setContent(el('div', {}, el('strong', {}, this.head.units.name[unit]), el('span', {},
        `${this.pick(this.head.columns[layer.column].short)}: ${value !== null ? value : layer.missing ? this.pick(layer.missing) : this.t('no_data')}`)));
    }
    this.tip.setLatLng(at);
    if (!this.map.hasLayer(this.tip)) this.tip.addTo(this.map);
  }

  outline(unit) {
    this.focus.clearLayers();
    if (unit === null || !this.layers[unit]) return;
    for (const [color, weight] of [['#ffffff', 4.5], ['#10222e', 2]]) {
      L.polygon(this.shapes[unit], { pane: 'gt-focus', renderer: (this.svg = this.svg || L.svg({ pane: 'gt-focus' })),
        fill: false, color, weight, interactive: false, smoothFactor: 0.6 }).addTo(this.focus);
    }
  }

  choose(unit, at) {
    const place = at || (this.layers[unit] ? L.latLng(...[...this.head.units.label_at[unit]].reverse()) : null);
    this.tip.remove();
    const content = this.card(unit);
    const { x, y } = this.map.getSize(), most = Math.min(380, x - 64);
    const popup = L.popup({ maxWidth: most, minWidth: Math.min(270, most), maxHeight: Math.min(430, y - 90),
      className: 'gt-popup', autoPanPadding: [14, 14] });
    popup.setContent(content).setLatLng(place || this.map.getCenter());
    this.map.closePopup();
    this.selected = unit;
    this.outline(unit);
    popup.openOn(this.map);
    const close = popup.getElement().querySelector('.leaflet-popup-close-button');
    close.setAttribute('aria-label', this.t('close'));
    content.setAttribute('tabindex', '-1');
    content.focus({ preventScroll: true });
  }
}
