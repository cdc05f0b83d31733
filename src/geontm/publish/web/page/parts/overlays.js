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
    this.boxes = boxesOf(this.ends, this.x, this.y);
  }
}

const OverlayCanvas = Picture.extend({
  options: { pane: 'gt-overlays' },
  initialize(after) {
    L.Renderer.prototype.initialize.call(this);
    Object.assign(this, { shown: [], points: [], after }); // after it has drawn, that is told
  },
  show(overlays) { this.shown = overlays; this.again(); },
  picture(ctx, view) {
    this.points = [];
    this.taken = new Set();
    for (const overlay of this.shown) overlay.waits = this[overlay.kind](ctx, overlay, view);
    this.after();
  },

  line(ctx, { rows, classes, ends: from, boxes, x, y }, view) {
    const { k, box } = view, near = (NEAR / k) ** 2;
    let line = 0, length = 0, drawn = 0;
    const inView = Array.from(rows, (n) => Array.from({ length: n }, () => line++).filter((each) => meets(boxes, 4 * each, box)));
    for (; drawn < inView.length; drawn++) {
      for (const each of inView[drawn]) length += Math.hypot(boxes[4 * each + 2] - boxes[4 * each], boxes[4 * each + 3] - boxes[4 * each + 1]) * k;
      if (length > MOST_DRAWN && drawn) break;
    }
    for (let number = drawn - 1; number >= 0; number--) { // greater roads lie above
      const { colour, size } = classes[number], width = Math.max(size * 3.2, 0.7);
      for (const [ink, wide] of [['rgba(255,255,255,.75)', width + 1.4], [colour, width]]) {
        ctx.strokeStyle = ink;
        ctx.lineWidth = wide;
        inView[number].forEach((each, n) => {
          if (n % BATCH === 0) { ctx.stroke(); ctx.beginPath(); }
          const first = from[each], last = from[each + 1] - 1;
          if ((boxes[4 * each + 2] - boxes[4 * each] + boxes[4 * each + 3] - boxes[4 * each + 1]) * k < 1) return;
          let px = x[first], py = y[first];
          ctx.moveTo((px - view.x) * k, (py - view.y) * k);
          for (let at = first + 1; at <= last; at++) {
            if (at < last && (x[at] - px) ** 2 + (y[at] - py) ** 2 < near) continue;
            px = x[at];
            py = y[at];
            ctx.lineTo((px - view.x) * k, (py - view.y) * k);
          }
        });
        ctx.stroke();
        ctx.beginPath();
      }
    }
    return inView.slice(drawn).some((lines) => lines.length);
  },
  point(ctx, overlay, view) {
    const { rows, classes, x, y } = overlay, { k, box } = view;
    let waits = false, row = 0;
    rows.forEach((n, number) => {
      const { colour, size } = classes[number], radius = Math.max((size * 3.78) / 2, 2);
      for (const stop = row + n; row < stop; row++) {
        if (x[row] < box[0] || x[row] > box[2] || y[row] < box[1] || y[row] > box[3]) continue;
        const cell = [(x[row] - view.x) * k, (y[row] - view.y) * k].map((at) => Math.floor(at / APART)).join();
        if (this.taken.has(cell)) { waits = true; continue; }
        this.taken.add(cell);
        this.dot(ctx, view, { x: x[row], y: y[row], radius, overlay, row, number }, colour);
        ctx.strokeStyle = '#ffffff';
        ctx.lineWidth = 1;
        ctx.stroke();
      }
    });
    return waits;
  },
  area(ctx, overlay, view) {
    const { rows, classes, areas, middles } = overlay, frame = areas.frame(view);
    let row = 0;
    rows.forEach((n, number) => {
      const { colour } = classes[number];
      for (const stop = row + n; row < stop; row++) {
        if (!meets(areas.boxes, 4 * row, frame.box)) continue;
        ctx.beginPath();
        areas.trace(ctx, row, frame);
        ctx.strokeStyle = ctx.fillStyle = colour;
        ctx.lineWidth = 1.5;
        ctx.globalAlpha = 0.22;
        ctx.fill('evenodd');
        ctx.globalAlpha = 0.9;
        ctx.stroke();
        ctx.globalAlpha = 1;
        const middle = middles[row]; // a dot to point at: the communes below stay within reach
        if (middle) this.dot(ctx, view, { x: middle.x + areas.ox, y: middle.y + areas.oy, radius: 3, overlay, row, number }, colour);
      }
    });
    return false;
  },
  dot(ctx, { k, x, y }, point, colour) {
    this.points.push(point);
    ctx.beginPath();
    ctx.arc((point.x - x) * k, (point.y - y) * k, point.radius, 0, 2 * Math.PI);
    ctx.fillStyle = colour;
    ctx.fill();
  },
  // The drawn point at a place, the nearest one; null.
  at(latlng, reach) {
    const px = worldX(latlng.lng), py = worldY(latlng.lat), k = 2 ** this._map.getZoom();
    let best = null, far = Infinity;
    for (const point of this.points) {
      const gap = Math.hypot(point.x - px, point.y - py) * k - point.radius;
      if (gap < far && gap <= reach - 4) { best = point; far = gap; }
    }
    return best;
  },
});

part('panel', 36, (app) => {
  const { overlays = [] } = app.head, { map } = app, unpacked = new Map();
  const tip = tipOn(map, 8);
  let canvas = null, box = null;
  const on = () => app.state.overlays.split(' ').filter(Boolean);

  function sign(kind, { colour, size }) {
    const shape = kind === 'line' ? svg('line', { x1: 2, y1: 8, x2: 24, y2: 8, stroke: colour, 'stroke-width': Math.max(size * 3.2, 1) })
      : kind === 'point' ? svg('circle', { cx: 13, cy: 8, r: Math.min(Math.max((size * 3.78) / 2, 2.4), 7), fill: colour })
        : svg('rect', { x: 3, y: 2, width: 20, height: 12, fill: colour, 'fill-opacity': 0.25, stroke: colour, 'stroke-width': 1.5 });
    return svg('svg', { class: 'gt-mark-sign', width: 26, height: 16, viewBox: '0 0 26 16', 'aria-hidden': 'true' }, shape);
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
    if (!found) return tip(null);
    const { overlay, row: number } = found;
    return tip(found, L.latLng(latOf(found.y), lngOf(found.x)),
      () => [(overlay.names && overlay.names[number]) || app.t('overlay_unnamed'), app.pick(overlay.classes[found.number].label)]);
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
