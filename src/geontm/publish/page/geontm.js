/* The page of a geontm map: unpacks what the page carries, draws it with Leaflet, and keeps the panel beside it.
   Texts from files reach the page only through textContent. */
(function () {
  'use strict';

  const geontm = (window.geontm = window.geontm || { readyAt: null, map: null });
  const HATCH = 'hatch';
  const MIN_DOT = 2.4; // px: an islet never shrinks below this radius, or Hoàng Sa and Trường Sa would vanish

  // ---- unpacking ---------------------------------------------------------------------------------------------

  async function unpack(id) {
    const packed = atob(document.getElementById(id).textContent.trim());
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    const raw = new Uint8Array(await new Response(stream).arrayBuffer());
    const length = new DataView(raw.buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
    return { head, reader: new Reader(raw, 4 + length, head.grid) };
  }

  class Reader {
    constructor(bytes, at, grid) {
      this.bytes = bytes;
      this.at = at;
      this.grid = grid;
    }
    number() {
      let value = 0, scale = 1, byte;
      do {
        byte = this.bytes[this.at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    }
    stream() {
      const found = new Array(this.number());
      for (let k = 0; k < found.length; k++) found[k] = this.number();
      return found;
    }
    positions() {
      const steps = this.stream();
      let sum = 0;
      return steps.map((step) => (sum += step % 2 ? -(step + 1) / 2 : step / 2) / this.grid);
    }
    polygons() {
      const parts = this.stream(), rings = this.stream(), points = this.stream();
      const x = this.positions(), y = this.positions();
      let part = 0, ring = 0, point = 0;
      return parts.map((nParts) => Array.from({ length: nParts }, () =>
        Array.from({ length: rings[part++] }, () =>
          Array.from({ length: points[ring++] }, () => new L.LatLng(y[point], x[point++])))));
    }
    lines() {
      const points = this.stream(), x = this.positions(), y = this.positions();
      let point = 0;
      return points.map((n) => Array.from({ length: n }, () => new L.LatLng(y[point], x[point++])));
    }
  }

  // ---- small helpers -----------------------------------------------------------------------------------------

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === 'class') node.className = value;
      else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
    return node;
  }

  const bare = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
  const shortName = (name) => name.replace(/^(Xã|Phường|Thị trấn|Đặc khu|Tỉnh|Thành phố)\s+/i, '');

  // Canvas polygons: islets keep a least size on the screen.
  const IsletCanvas = L.Canvas.extend({
    _updatePoly(layer, closed) {
      L.Canvas.prototype._updatePoly.call(this, layer, closed);
      if (!layer.options.islets || !this._drawing) return;
      const ctx = this._ctx;
      ctx.beginPath();
      for (const part of layer._parts) {
        const box = L.bounds(part), size = box.getSize();
        if (!part.length || Math.max(size.x, size.y) >= 2 * MIN_DOT) continue;
        const centre = box.getCenter();
        ctx.moveTo(centre.x + MIN_DOT, centre.y);
        ctx.arc(centre.x, centre.y, MIN_DOT, 0, 2 * Math.PI);
      }
      this._fillStroke(ctx, layer);
    },
  });

  function hatch() {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 7;
    const ctx = tile.getContext('2d');
    ctx.fillStyle = '#f7f6f3';
    ctx.fillRect(0, 0, 7, 7);
    ctx.strokeStyle = '#9a978f';
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const shift of [-7, 0, 7]) {
      ctx.moveTo(shift - 1, 8);
      ctx.lineTo(shift + 8, -1);
    }
    ctx.stroke();
    return ctx.createPattern(tile, 'repeat');
  }

  // Names on a canvas above the map; a name that would touch another, or is much wider than its unit, waits for zoom.
  const Names = L.Layer.extend({
    initialize(candidates) { this.candidates = candidates; },
    onAdd(map) {
      this.canvas = L.DomUtil.create('canvas', 'gt-names leaflet-zoom-hide', map.getPane('gt-names'));
      this.canvas.setAttribute('aria-hidden', 'true');
      map.on('moveend zoomend resize', this.draw, this);
      this.draw();
    },
    onRemove(map) { map.off('moveend zoomend resize', this.draw, this); this.canvas.remove(); },
    draw() {
      const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      this.canvas.width = size.x * ratio;
      this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + 'px';
      this.canvas.style.height = size.y + 'px';
      const ctx = this.canvas.getContext('2d'), taken = [];
      ctx.scale(ratio, ratio);
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      ctx.lineJoin = 'round';
      for (const name of this.candidates) {
        if (map.getZoom() < name.from || map.getZoom() >= name.to) continue;
        const at = map.latLngToContainerPoint(name.at);
        if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
        ctx.font = name.font;
        const width = ctx.measureText(name.text).width;
        if (name.box) {
          const sw = map.latLngToContainerPoint(name.box.getSouthWest());
          const ne = map.latLngToContainerPoint(name.box.getNorthEast());
          if (width > 1.12 * (ne.x - sw.x) || sw.y - ne.y < 13) continue;
        }
        const free = (y) => {
          const mine = [at.x - width / 2 - 2, y - 8, at.x + width / 2 + 2, y + 8];
          return !taken.some((t) => mine[0] < t[2] && t[0] < mine[2] && mine[1] < t[3] && t[1] < mine[3]) && taken.push(mine);
        };
        const y = [0, -11, 11, -16, 16].map((step) => at.y + name.shift + step).find(free);
        if (y === undefined) continue;
        ctx.strokeStyle = 'rgba(255,255,255,.86)';
        ctx.lineWidth = name.halo;
        ctx.strokeText(name.text, at.x, y);
        ctx.fillStyle = name.colour;
        ctx.fillText(name.text, at.x, y);
      }
      this.drawn = taken.length;
    },
  });

  // ---- the page ----------------------------------------------------------------------------------------------

  class Page {
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
      return this.lang === 'vi' ? `${+day}/${+month}/${year}` : iso;
    }
    value(name, unit) {
      const column = this.head.columns[name], value = column.values[unit];
      if (value === null) return null;
      if (typeof value === 'boolean') return this.t(value ? 'yes' : 'no');
      const choice = column.choices[String(value)];
      if (choice) return this.pick(choice);
      if (typeof value === 'string') return value;
      const sign = column.unit === '%' ? '\u00a0%' : column.unit ? '\u00a0' + this.unit(column.unit) : '';
      return this.number(value) + sign;
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
          renderer: this.renderer, fillOpacity: 1, weight: 0.7, smoothFactor: 0.6, islets, unit,
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
      const inked = this.layers.length < 400 || this.map.getZoom() >= 9.25;
      if (!always && inked === this.inked) return;
      this.inked = inked;
      for (const layer of this.layers) {
        if (!layer) continue;
        const { fillColor } = layer.options;
        layer.options.color = inked ? '#75706a' : typeof fillColor === 'string' ? fillColor : '#c9c6bf';
        layer.options.weight = inked ? 0.8 : 0.7;
        layer.options.opacity = inked ? 0.75 : 1;
      }
      if (this.renderer._ctx) {
        this.renderer._redrawBounds = null;
        this.renderer._updatePaths ? this.renderer._redraw() : null;
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
        add(name.toLocaleUpperCase('vi'), [x, y], { font: `600 11px ${family}`, colour: '#857f74', to: many ? 99 : 99 });
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
          `${this.pick(this.head.columns[layer.column].short)}: ${value === null ? this.t('no_data') : value}`)));
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
      const popup = L.popup({ maxWidth: 380, minWidth: 270, maxHeight: Math.min(430, this.map.getSize().y - 90),
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

    card(unit) {
      const { units, columns, popup } = this.head;
      const rows = popup.map((name) => {
        const column = columns[name], rank = name === 'priority_rank' && this.head.ranks[unit];
        let value = this.value(name, unit);
        if (value === null && rank) value = this.t('rank_between', { a: rank[0], b: rank[1] });
        return el('tr', {},
          el('th', { scope: 'row' }, this.pick(column.label),
            column.illustrative ? el('span', { class: 'gt-mark', title: this.t('illustrative') }, ' ◇') : ''),
          el('td', { class: value === null ? 'gt-none' : null }, value === null ? this.t('no_data') : value));
      });
      const any = popup.some((name) => columns[name].illustrative);
      const figures = rows.length ? el('table', {}, el('tbody', {}, ...rows)) : '';
      const mark = any ? el('p', { class: 'gt-fine' }, '◇ ' + this.t('illustrative')) : '';
      const reasonsFirst = this.head.layers[this.current].kind === 'category';
      return el('div', { class: 'gt-card', role: 'dialog', 'aria-label': units.name[unit] },
        el('h2', {}, units.name[unit]),
        el('p', { class: 'gt-where' }, `${units.provinces[units.province[unit]]} · ${this.t('code')} ${units.code[unit]}`),
        ...(reasonsFirst ? [...this.reasons(unit), figures, mark] : [figures, mark, ...this.reasons(unit)]));
    }

    reasons(unit) {
      const { rulesets, tests, texts, rows } = this.head.verdicts, side = this.lang === 'vi' ? 0 : 1;
      const found = [];
      rulesets.forEach((ruleset, number) => {
        const mine = rows[unit].filter((row) => tests[row[0]][0] === number);
        if (!mine.length) return;
        // The verdict of the whole set stands first; an outcome that says the same is not repeated.
        const verdict = mine.find((row) => tests[row[0]][1] === ruleset.id);
        const rest = mine.filter((row) => row !== verdict && !(verdict && row[3] === verdict[3] && row[1] === verdict[1]));
        const counts = [0, 0, 0];
        const single = rest.filter((row) => tests[row[0]][3]);
        (single.length ? single : rest).forEach((row) => counts[row[1]]++);
        const item = ([test, answer, value, words]) => {
          const [, name, article, threshold] = tests[test], text = texts[words][side] || name;
          const told = article && text.includes(article);
          const facts = told ? '' : [value !== '' ? `${this.t('value')}: ${value}` : '',
            threshold ? `${this.t('threshold')}: ${threshold}` : '', article].filter(Boolean).join(' · ');
          return el('li', { class: 'gt-a' + answer },
            el('span', { class: 'gt-sign', role: 'img', 'aria-label': this.t('answer_' + answer) }, '✗✓?'[answer]),
            el('div', {}, el('span', {}, text), facts ? el('small', {}, facts) : ''));
        };
        found.push(el('section', {},
          el('h4', {}, this.pick(ruleset.label), ruleset.document ? el('small', {}, ruleset.document) : ''),
          verdict ? el('ul', { class: 'gt-verdict' }, item(verdict)) : '',
          rest.length ? el('details', { open: !verdict },
            el('summary', {}, el('span', {}, this.t('tests')),
              el('span', { class: 'gt-tally' }, `✓ ${counts[1]}   ✗ ${counts[0]}   ? ${counts[2]}`)),
            el('ul', {}, ...rest.map(item))) : ''));
      });
      return found.length ? [el('h3', {}, this.t('why')), ...found] : [];
    }

    // ---- panel

    drawPanel() {
      const { page, layers, columns, units } = this.head;
      document.documentElement.lang = this.lang;
      document.title = `${this.pick(page.map)} – ${page.title}`;
      const badges = [];
      if (page.schematic) badges.push(el('span', { class: 'gt-badge gt-schematic' }, this.t('schematic')));
      if (layers.some((layer) => columns[layer.column].illustrative)) {
        badges.push(el('span', { class: 'gt-badge gt-illustrative' }, this.t('illustrative')));
      }
      const groups = new Map();
      layers.forEach((layer, number) => {
        const name = this.pick(layer.group) || this.t('indicators');
        groups.set(name, [...(groups.get(name) || []), number]);
      });
      const switches = [...groups].map(([name, numbers]) => el('fieldset', { class: 'gt-switch' }, el('legend', {}, name),
        ...numbers.map((number) => {
          const column = columns[layers[number].column];
          const input = el('input', { type: 'radio', name: 'gt-layer', value: layers[number].column,
            checked: number === this.current, onchange: () => this.show(number) });
          return el('label', {}, input, el('span', {}, this.pick(column.short)));
        })));
      this.legend = el('section', { class: 'gt-legend', 'aria-live': 'polite', 'aria-label': this.t('legend') });
      const other = this.lang === 'vi' ? 'en' : 'vi';
      this.panel.replaceChildren(
        el('header', {},
          el('div', { class: 'gt-top' }, el('p', { class: 'gt-kicker' }, this.pick(page.map)),
            el('button', { type: 'button', class: 'gt-lang', lang: other, onclick: () => this.speak(other) },
              other === 'en' ? 'English' : 'Tiếng Việt')),
          el('h1', {}, page.title),
          el('p', { class: 'gt-sub' }, `${this.t('units', { n: this.number(units.code.length, 0) })} · ${this.t('as_of', { day: this.day(page.as_of) })}`),
          badges.length ? el('p', { class: 'gt-badges' }, ...badges) : ''),
        this.search(), ...switches, this.legend, this.foot());
      this.drawLegend();
    }

    drawLegend() {
      const layer = this.head.layers[this.current], column = this.head.columns[layer.column];
      const { counts, colours, unknown } = this.classes[this.current], most = Math.max(...counts, unknown, 1);
      const row = (swatch, label, count) => el('tr', {}, el('td', {}, swatch), el('th', { scope: 'row' }, label),
        el('td', { class: 'gt-count' }, el('span', { class: 'gt-bar', style: null }), this.number(count, 0)));
      const rows = counts.map((count, k) => row(swatchOf(colours[k]), this.rangeLabel(layer, k), count));
      rows.push(row(swatchOf(HATCH), this.t('no_data'), unknown));
      [...counts, unknown].forEach((count, k) => { rows[k].querySelector('.gt-bar').style.width = `${(100 * count) / most}%`; });
      const facts = [column.unit ? this.t('unit', { unit: this.unit(column.unit) }) : '',
        column.years.length ? this.t('year', { year: spanOf(column.years) }) : ''].filter(Boolean).join(' · ');
      const notes = [];
      if (layer.kind === 'choropleth') notes.push(this.t('method_' + layer.method, { n: counts.length }));
      if (column.note) notes.push(this.pick(column.note));
      if (column.sources.length) notes.push(this.t('source', { source: column.sources.join(', ') }));
      this.legend.replaceChildren(
        el('h2', {}, this.pick(column.label)),
        facts ? el('p', { class: 'gt-sub' }, facts) : '',
        column.illustrative ? el('p', { class: 'gt-badges' }, el('span', { class: 'gt-badge gt-illustrative' }, this.t('illustrative'))) : '',
        el('table', {}, el('caption', { class: 'gt-hidden' }, this.t('legend_caption')),
          el('thead', { class: 'gt-hidden' }, el('tr', {}, el('td', {}), el('th', { scope: 'col' }, this.t('class')), el('th', { scope: 'col' }, this.t('count')))),
          el('tbody', {}, ...rows)),
        ...notes.map((note) => el('p', { class: 'gt-fine' }, note)));
      const unit = el('p', { class: 'gt-fine gt-counted' }, this.t('counted'));
      this.legend.append(unit);
    }

    foot() {
      const { page } = this.head;
      const lines = [this.t('boundaries', { source: page.boundary_source })];
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
      this.credit.textContent = this.t('boundaries', { source: this.head.page.boundary_source })
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

  const shortKey = (key) => key.replace(/^(xa|phuong|thi tran|dac khu)\s+/, '');
  const spanOf = (years) => (years.length > 1 ? `${years[0]}–${years[years.length - 1]}` : String(years[0]));

  function swatchOf(colour) {
    const swatch = el('span', { class: 'gt-swatch' + (colour === HATCH ? ' gt-hatch' : '') });
    if (colour !== HATCH) swatch.style.backgroundColor = colour;
    return swatch;
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
})();
