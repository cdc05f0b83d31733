/* Overlays: villages, works and roads above the communes and under the names. Off at first; each has its box in the
   panel. What would crowd the view waits for zoom, and the panel says so. */

const MOST_DRAWN = 60000; // px: roads of smaller classes wait while those above them fill the view with so much line
const APART = 7; // px: of points closer than this to a drawn one, the later ones wait for zoom
const POINT_REACH = 9; // px

// One overlay, unpacked when it is first shown (overlays.py): positions are px of zoom 0.
class Overlay {
  constructor(about, reader) {
    Object.assign(this, about);
    const from = reader.block(about.at, about.grid);
    this.rows = from.stream();
    const names = () => { const text = from.text(); return about.named ? text.split('\n') : []; };
    if (about.kind === 'area') {
      this.names = names();
      this.areas = new Coverage(from, this.rows.reduce((sum, n) => sum + n, 0));
      this.middles = Array.from({ length: this.areas.count }, (_, feature) => this.areas.place([feature]));
      return;
    }
    this.ends = about.kind === 'line' ? ends(from.stream(), 1) : null;
    const x = from.sums(), y = from.sums();
    this.x = Float32Array.from(x, (value) => worldX(value / about.grid));
    this.y = Float32Array.from(y, (value) => worldY(value / about.grid));
    if (about.kind === 'point') { this.names = names(); return; }
    this.boxes = new Float32Array(4 * (this.ends.length - 1));
    for (let line = 0; line + 1 < this.ends.length; line++) {
      const b = [Infinity, Infinity, -Infinity, -Infinity];
      for (let k = this.ends[line]; k < this.ends[line + 1]; k++) {
        b[0] = Math.min(b[0], this.x[k]);
        b[1] = Math.min(b[1], this.y[k]);
        b[2] = Math.max(b[2], this.x[k]);
        b[3] = Math.max(b[3], this.y[k]);
      }
      this.boxes.set(b, 4 * line);
    }
  }
}

const OverlayCanvas = L.Renderer.extend({
  options: { padding: 0.2, pane: 'gt-overlays' },
  initialize(after) {
    L.Renderer.prototype.initialize.call(this);
    this.shown = [];
    this.after = after; // told when it has drawn
  },
  show(overlays) { this.shown = overlays; this.drawn = null; if (this._map) this.redraw(); },

  _initContainer() {
    this._container = L.DomUtil.create('canvas', 'gt-canvas');
    this._container.setAttribute('aria-hidden', 'true');
    this._ctx = this._container.getContext('2d');
  },
  _destroyContainer() { this._container.remove(); this._container = this._ctx = this.drawn = null; },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this.redraw();
  },
  redraw() {
    const map = this._map, { min } = this._bounds, size = this._bounds.getSize(), ratio = window.devicePixelRatio || 1;
    const origin = map.getPixelOrigin().add(min), k = 2 ** map.getZoom(), canvas = this._container, ctx = this._ctx;
    const state = [k, origin.x, origin.y, size.x, size.y, ratio].join();
    if (state === this.drawn) return;
    this.drawn = state;
    canvas.width = size.x * ratio;
    canvas.height = size.y * ratio;
    canvas.style.width = size.x + 'px';
    canvas.style.height = size.y + 'px';
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.lineJoin = ctx.lineCap = 'round';
    const frame = { k, x: origin.x / k, y: origin.y / k, box: [origin.x / k, origin.y / k, (origin.x + size.x) / k, (origin.y + size.y) / k], taken: new Map() };
    this.points = [];
    for (const overlay of this.shown) overlay.waits = this[overlay.kind](ctx, overlay, frame);
    this.after();
  },

  line(ctx, { rows, classes, ends: from, boxes, x, y }, { k, x: ox, y: oy, box }) {
    const near = (NEAR / k) ** 2, last = rows.reduce((sum, n) => sum + n, 0);
    let first = last, length = 0, waits = false;
    const inView = rows.reduce((found, n) => { // lines in view, by class
      const begin = found.length ? found[found.length - 1].end : 0, mine = [];
      for (let line = begin; line < begin + n; line++) if (meets(boxes, 4 * line, box)) mine.push(line);
      found.push({ end: begin + n, mine });
      return found;
    }, []);
    let shown = 0;
    for (; shown < inView.length; shown++) {
      for (const line of inView[shown].mine) length += Math.hypot(boxes[4 * line + 2] - boxes[4 * line], boxes[4 * line + 3] - boxes[4 * line + 1]) * k;
      if (length > MOST_DRAWN && shown > 0) { waits = inView.slice(shown).some(({ mine }) => mine.length); break; }
    }
    first = shown - 1;
    for (let number = first; number >= 0; number--) { // greater roads lie above
      const { colour, size } = classes[number], width = Math.max(size * 3.2, 0.7);
      for (const [ink, wide] of [['rgba(255,255,255,.75)', width + 1.4], [colour, width]]) {
        ctx.strokeStyle = ink;
        ctx.lineWidth = wide;
        ctx.beginPath();
        let batch = 0;
        for (const line of inView[number].mine) {
          const b = 4 * line;
          if ((boxes[b + 2] - boxes[b] + boxes[b + 3] - boxes[b + 1]) * k < 1) continue;
          let px = x[from[line]], py = y[from[line]];
          ctx.moveTo((px - ox) * k, (py - oy) * k);
          const stop = from[line + 1] - 1;
          for (let n = from[line] + 1; n <= stop; n++) {
            const dx = x[n] - px, dy = y[n] - py;
            if (n < stop && dx * dx + dy * dy < near) continue;
            px = x[n];
            py = y[n];
            ctx.lineTo((px - ox) * k, (py - oy) * k);
          }
          if (++batch % 200 === 0) { ctx.stroke(); ctx.beginPath(); }
        }
        ctx.stroke();
      }
    }
    return waits;
  },
  point(ctx, overlay, { k, x: ox, y: oy, box, taken }) {
    const { rows, classes, x, y } = overlay;
    let waits = false, row = 0;
    rows.forEach((n, number) => {
      const { colour, size } = classes[number], radius = Math.max((size * 3.78) / 2, 2);
      for (const stop = row + n; row < stop; row++) {
        if (x[row] < box[0] || x[row] > box[2] || y[row] < box[1] || y[row] > box[3]) continue;
        const px = (x[row] - ox) * k, py = (y[row] - oy) * k, cell = `${Math.floor(px / APART)},${Math.floor(py / APART)}`;
        if (taken.has(cell)) { waits = true; continue; }
        taken.set(cell, true);
        this.points.push({ x: x[row], y: y[row], radius, overlay, row, number });
        ctx.beginPath();
        ctx.arc(px, py, radius, 0, 2 * Math.PI);
        ctx.fillStyle = colour;
        ctx.strokeStyle = '#ffffff';
        ctx.lineWidth = 1;
        ctx.fill();
        ctx.stroke();
      }
    });
    return waits;
  },
  area(ctx, overlay, { k, x: ox, y: oy, box }) {
    const { rows, classes, areas, middles } = overlay;
    const level = areas.level(Math.log2(k)), dx = (areas.ox - ox) * k, dy = (areas.oy - oy) * k;
    const frame = { level, k, dx, dy, box: [box[0] - areas.ox, box[1] - areas.oy, box[2] - areas.ox, box[3] - areas.oy] };
    let feature = 0;
    rows.forEach((n, number) => {
      ctx.strokeStyle = ctx.fillStyle = classes[number].colour;
      ctx.lineWidth = 1.5;
      for (const stop = feature + n; feature < stop; feature++) {
        if (!meets(areas.boxes, 4 * feature, frame.box)) continue;
        ctx.beginPath();
        areas.trace(ctx, feature, frame);
        ctx.globalAlpha = 0.22;
        ctx.fill('evenodd');
        ctx.globalAlpha = 0.9;
        ctx.stroke();
        ctx.globalAlpha = 1;
        const middle = middles[feature];
        if (!middle) continue;
        const [px, py] = [middle.x + areas.ox, middle.y + areas.oy]; // a dot to point at: the communes below stay within reach
        this.points.push({ x: px, y: py, radius: 3, overlay, row: feature, number });
        ctx.beginPath();
        ctx.arc((px - ox) * k, (py - oy) * k, 3, 0, 2 * Math.PI);
        ctx.fill();
      }
    });
    return false;
  },
  // The drawn point at a place, the nearest one; null.
  at(latlng, reach) {
    const px = worldX(latlng.lng), py = worldY(latlng.lat), k = 2 ** this._map.getZoom();
    let best = null, far = Infinity;
    for (const point of this.points || []) {
      const gap = Math.hypot(point.x - px, point.y - py) * k - point.radius;
      if (gap < far && gap <= reach - 4) { best = point; far = gap; }
    }
    return best;
  },
});

part('panel', 36, (app) => {
  const { overlays = [] } = app.head, { map } = app, unpacked = new Map();
  const tip = L.tooltip({ direction: 'top', offset: [0, -8], className: 'gt-tip' });
  let canvas = null, box = null, hovered = null;
  app.state.overlays = '';
  const on = () => app.state.overlays.split(' ').filter(Boolean);

  function sign(kind, { colour, size }) {
    const svg = (tag, attributes) => {
      const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      return node;
    };
    const picture = svg('svg', { class: 'gt-mark-sign', width: 26, height: 16, viewBox: '0 0 26 16', 'aria-hidden': 'true' });
    if (kind === 'line') picture.append(svg('line', { x1: 2, y1: 8, x2: 24, y2: 8, stroke: colour, 'stroke-width': Math.max(size * 3.2, 1) }));
    else if (kind === 'point') picture.append(svg('circle', { cx: 13, cy: 8, r: Math.min(Math.max((size * 3.78) / 2, 2.4), 7), fill: colour }));
    else picture.append(svg('rect', { x: 3, y: 2, width: 20, height: 12, fill: colour, 'fill-opacity': 0.25, stroke: colour, 'stroke-width': 1.5 }));
    return picture;
  }
  function toggle(name, checked) {
    app.set({ overlays: overlays.map((each) => each.name).filter((each) => (each === name ? checked : on().includes(each))).join(' ') });
  }
  function legend(overlay) {
    const many = overlay.classes.length > 1 || overlay.classes.some(({ label }) => label.vi !== overlay.label.vi);
    const told = overlay.left.length ? app.t('overlay_left', {
      classes: overlay.left.map(({ label }) => app.pick(label)).join(', '), n: app.number(overlay.left.reduce((sum, { n }) => sum + n, 0), 0) }) : '';
    return el('div', { class: 'gt-overlay-legend', hidden: !on().includes(overlay.name) },
      many ? el('ul', {}, ...overlay.classes.map((each) => el('li', {}, sign(overlay.kind, each), el('span', {}, app.pick(each.label)),
        el('small', {}, app.number(each.n, 0))))) : '',
      told ? el('p', { class: 'gt-fine' }, told) : '',
      el('p', { class: 'gt-fine gt-waits', hidden: true }, app.t('overlay_close')));
  }
  function row(overlay) {
    const drawable = overlay.classes.length > 0, first = overlay.classes[0] || overlay.left[0];
    const total = [...overlay.classes, ...overlay.left].reduce((sum, { n }) => sum + n, 0);
    return el('div', { class: 'gt-overlay', 'data-name': overlay.name },
      el('label', {}, el('input', { type: 'checkbox', name: 'gt-overlay', value: overlay.name, disabled: !drawable, checked: on().includes(overlay.name),
        onchange: (event) => toggle(overlay.name, event.target.checked) }), sign(overlay.kind, first), el('span', {}, app.pick(overlay.label)),
      el('small', {}, app.number(total, 0))),
      drawable ? legend(overlay) : el('p', { class: 'gt-fine' }, app.t('overlay_left', { classes: app.pick(overlay.label), n: app.number(total, 0) })));
  }
  function follow() { // what waits for zoom is told beside its box
    for (const node of box ? box.querySelectorAll('.gt-overlay') : []) {
      const overlay = unpacked.get(node.dataset.name), waits = node.querySelector('.gt-waits'), key = node.querySelector('.gt-overlay-legend');
      if (key) key.hidden = !on().includes(node.dataset.name);
      if (waits) waits.hidden = !(overlay && overlay.waits);
    }
  }
  function show() {
    const chosen = overlays.filter(({ name }) => on().includes(name));
    for (const each of chosen) if (!unpacked.has(each.name)) unpacked.set(each.name, new Overlay(each, app.reader));
    if (!canvas) {
      const pane = map.createPane('gt-overlays');
      pane.style.zIndex = 440;
      pane.style.pointerEvents = 'none';
      canvas = new OverlayCanvas(follow).addTo(map);
    }
    canvas.show(chosen.map(({ name }) => unpacked.get(name)));
  }
  function told(found) {
    if (!found) { if (hovered) tip.remove(); hovered = null; return; }
    const { overlay, row: number } = found, kind = app.pick(overlay.classes[found.number].label);
    tip.setContent(el('div', {}, el('strong', {}, (overlay.names && overlay.names[number]) || app.t('overlay_unnamed')), el('span', {}, kind)));
    tip.setLatLng(L.latLng(latOf(found.y), lngOf(found.x)));
    if (!map.hasLayer(tip)) tip.addTo(map);
    hovered = found;
  }
  // Asked before the map itself: what is pointed at here is taken, and the unit below it is not told.
  function point(event) {
    if (!canvas || !on().length || map.dragging.moving()) return;
    const found = canvas.at(event.latlng, POINT_REACH);
    event.taken = found !== null;
    told(found);
  }
  if (overlays.length) {
    map.on('mousemove click', point); // a finger points by touching
    map.on('mouseout', () => told(null));
  }
  return {
    draw() {
      if (!overlays.length) return null;
      box = el('fieldset', { class: 'gt-overlays' }, el('legend', {}, app.t('overlays')), ...overlays.map(row));
      follow();
      return box;
    },
    update(changed) {
      if (!changed.has('overlays')) return;
      for (const input of box.querySelectorAll('input')) input.checked = on().includes(input.value);
      told(null);
      show();
      follow();
    },
  };
});
