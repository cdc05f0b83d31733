/* Draws a coverage under Leaflet: fills, borders once each, islets of a least size, a hatch for the unknown. */

const LAND = '#ebe9e3', SHORE = '#c3beb3', INK = '#4a4f55', TOWN_INK = '#75706a', MATCH = '#10222e';
const HATCH_TILE = 7;
const BATCH = 200; // arcs in one stroke: one path of all is slower

// Gives a canvas its size in px of the page, as fine as the screen is; returns its context, with nothing drawn.
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1, ctx = canvas.getContext('2d');
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.lineJoin = ctx.lineCap = 'round';
  return ctx;
}

// A canvas over the map and a little more, drawn by `picture(ctx, view)` after every move. A view is { zoom, k, x, y,
// box }: px in one px of zoom 0, and where its corner is and its frame (west, north, east, south), in px of zoom 0.
const Picture = L.Renderer.extend({
  options: { padding: 0.2 },

  _initContainer() {
    this._container = L.DomUtil.create('canvas', 'gt-canvas');
    this._container.setAttribute('aria-hidden', 'true');
  },
  _destroyContainer() {
    this._container.remove();
    this._container = this.drawn = null;
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return; // the picture is scaled until the zoom has ended
    L.Renderer.prototype._update.call(this);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this.redraw();
  },
  again() {
    this.drawn = null;
    if (this._map) this.redraw();
    return this;
  },
  redraw() {
    const map = this._map, zoom = map.getZoom(), k = 2 ** zoom, size = this._bounds.getSize();
    const corner = map.getPixelOrigin().add(this._bounds.min), state = [zoom, corner, size, window.devicePixelRatio].join();
    if (state === this.drawn) return; // Leaflet tells of one move several times
    this.drawn = state;
    const x = corner.x / k, y = corner.y / k;
    this.picture(sized(this._container, size.x, size.y), { zoom, k, x, y, box: [x, y, x + size.x / k, y + size.y / k] });
  },
});

// new CoverageCanvas(coverage, { pane, groups }).addTo(map).paint(fills, shown)
//   groups: the province of every unit; fills: a CSS colour or pattern for every unit; shown: 1 for every unit that the
//   filter lets through, null without filter (what it leaves out is grey). Another one in another pane may show the
//   same coverage in other colours; `around: false` leaves the land around to the first.
const CoverageCanvas = Picture.extend({
  options: { pane: 'gt-units', groups: null, around: true },

  initialize(coverage, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.coverage = coverage;
    this.kinds = coverage.classes(this.options.groups || new Uint8Array(coverage.units));
    this.fills = [];
    this.shown = null;
    const sizes = coverage.largest.slice(0, coverage.units).filter((size) => size > 0).sort();
    this.usual = sizes.length ? sizes[sizes.length >> 1] : 0; // px of zoom 0
  },
  paint(fills, shown) {
    this.fills = fills;
    this.shown = shown || null;
    return this.again();
  },
  picture(ctx, view) {
    const frame = this.coverage.frame(view), { x, y, k } = view;
    for (const fill of new Set(this.fills)) { // the hatch stays where it is on the ground
      if (fill instanceof CanvasPattern) fill.setTransform(new DOMMatrix().translate(-(x * k) % HATCH_TILE, -(y * k) % HATCH_TILE));
    }
    if (this.options.around) this.ground(ctx, frame);
    this.fill(ctx, frame);
    this.borders(ctx, frame);
  },
  ground(ctx, frame) {
    const { coverage } = this;
    ctx.fillStyle = LAND;
    ctx.strokeStyle = SHORE;
    ctx.lineWidth = 0.8;
    for (let feature = coverage.units; feature < coverage.count; feature++) {
      if (!meets(coverage.boxes, 4 * feature, frame.box)) continue;
      ctx.beginPath();
      coverage.trace(ctx, feature, frame);
      ctx.fill('evenodd');
      ctx.stroke();
    }
  },
  fill(ctx, frame) {
    const { coverage, fills, shown } = this, { k } = frame;
    ctx.lineWidth = 0.7; // in the colour of the fill: else anti-aliasing leaves cracks between neighbours
    for (let unit = 0; unit < coverage.units; unit++) {
      const fill = shown && !shown[unit] ? OUT : fills[unit];
      if (!fill || !meets(coverage.boxes, 4 * unit, frame.box)) continue;
      ctx.fillStyle = fill;
      ctx.strokeStyle = typeof fill === 'string' ? fill : '#c9c6bf';
      ctx.beginPath();
      coverage.trace(ctx, unit, frame);
      ctx.fill('evenodd');
      ctx.stroke();
      if (coverage.largest[unit] * k < SEEN && coverage.island(unit)) this.dots(ctx, unit, frame);
    }
  },
  dots(ctx, unit, { k, dx, dy, box }) {
    const { coverage } = this, { ringBox } = coverage, [first, end] = coverage.rings(unit);
    const radius = coverage.largest[unit] * k < 2 * MIN_DOT ? MIN_DOT : MIN_DOT / 2; // where a part shows, the rest may be fine
    ctx.fillStyle = ctx.strokeStyle; // a hatch cannot be seen on a dot
    ctx.beginPath();
    for (let ring = first; ring < end; ring++) {
      const r = 4 * ring;
      if (!meets(ringBox, r, box) || coverage.extent(ringBox, ring) * k >= 2 * radius) continue;
      const x = ((ringBox[r] + ringBox[r + 2]) / 2) * k + dx, y = ((ringBox[r + 1] + ringBox[r + 3]) / 2) * k + dy;
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
    }
    ctx.strokeStyle = TOWN_INK; // a pale islet would be lost in the sea
    ctx.lineWidth = 1.1;
    ctx.stroke();
    ctx.lineWidth = 0.7;
    ctx.fill();
  },

  borders(ctx, frame) {
    const { coverage, kinds, shown } = this, { k, box } = frame, { arcBox, sides } = coverage;
    const part = (value) => Math.min(1, Math.max(0, value)), near = part((this.usual * k - 9) / 40), far = part((k - 64) / 448);
    const lines = [[], [], [], []], islets = [], match = [];
    for (let arc = 0; arc < coverage.arcs; arc++) {
      if (!meets(arcBox, 4 * arc, box)) continue;
      const kind = kinds[arc], extent = coverage.extent(arcBox, arc) * k;
      if (kind === AROUND) continue;
      if (shown) {
        const [one, other] = [sides[2 * arc], sides[2 * arc + 1]].map((side) => side >= 0 && side < coverage.units && shown[side]);
        if (Boolean(one) !== Boolean(other) && extent > 1) match.push(arc);
      }
      // The shores of a thousand islets, drawn small, would blacken their bay.
      if (kind === OUTER && coverage.pointFrom[arc + 1] - coverage.pointFrom[arc] > 2 && extent < 3 * SEEN && this.closed(arc)) {
        if (extent > SEEN / 2) islets.push(arc);
      } else if (extent > 0.4) lines[kind].push(arc);
    }
    const stroke = (arcs, colour, width, alpha) => {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.globalAlpha = alpha;
      for (let from = 0; from < arcs.length; from += BATCH) {
        ctx.beginPath();
        for (let n = from; n < Math.min(from + BATCH, arcs.length); n++) coverage.line(ctx, arcs[n], frame);
        ctx.stroke();
      }
    };
    if (near) stroke(lines[TOWN], TOWN_INK, 0.4 + 0.4 * near, 0.25 + 0.5 * near);
    if (near) stroke(islets, TOWN_INK, 0.4, 0.4 + 0.2 * near);
    stroke(lines[BORDER], '#ffffff', 2 + far, 0.5);
    stroke(lines[BORDER], INK, 0.8 + 0.6 * far, 0.9);
    stroke(lines[OUTER], INK, 0.6 + 0.5 * near, 0.85);
    stroke(match, MATCH, 1.2, 0.9);
    ctx.globalAlpha = 1;
  },
  closed(arc) {
    const { gx, gy, pointFrom } = this.coverage, first = pointFrom[arc], last = pointFrom[arc + 1] - 1;
    return gx[first] === gx[last] && gy[first] === gy[last];
  },
});

function hatch() {
  const tile = document.createElement('canvas');
  tile.width = tile.height = HATCH_TILE;
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
