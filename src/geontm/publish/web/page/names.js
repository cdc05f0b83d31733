/* Names on a canvas above the map. A name stands inside its unit, in one line or two; one that would touch another, or
   does not fit, waits for zoom.

   A candidate is { text, at: (view) => ({ latlng, width, height }) or null, from, to, font, colour, halo, shift, fit,
   feature, under }: `at` is asked when the name may be drawn (px of zoom 0); `fit`: at most how many times as large as that
   (0: no matter); `feature` of the coverage: only where that is in view; `under`: below it while it is small. */

const Names = L.Layer.extend({
  initialize(coverage, candidates) { this.coverage = coverage; this.candidates = candidates; this.widths = new Map(); },
  onAdd(map) {
    this.canvas = L.DomUtil.create('canvas', 'gt-names leaflet-zoom-hide', map.getPane('gt-names'));
    this.canvas.setAttribute('aria-hidden', 'true');
    map.on('moveend zoomend resize', this.draw, this);
    this.draw();
  },
  onRemove(map) { map.off('moveend zoomend resize', this.draw, this); this.canvas.remove(); },
  replace(candidates) { this.candidates = candidates; this.drawn = null; this.draw(); },

  draw() {
    const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1, zoom = map.getZoom();
    const corner = map.containerPointToLayerPoint([0, 0]), origin = map.getPixelOrigin();
    const state = [zoom, origin.x + corner.x, origin.y + corner.y, size.x, size.y, ratio].join();
    L.DomUtil.setPosition(this.canvas, corner);
    if (state === this.drawn) return;
    this.drawn = state;
    this.canvas.width = size.x * ratio;
    this.canvas.height = size.y * ratio;
    this.canvas.style.width = size.x + 'px';
    this.canvas.style.height = size.y + 'px';
    const ctx = this.canvas.getContext('2d'), taken = [], told = [];
    ctx.scale(ratio, ratio);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    const k = 2 ** zoom, { coverage } = this, west = (origin.x + corner.x) / k - coverage.ox, north = (origin.y + corner.y) / k - coverage.oy;
    const view = [west, north, west + size.x / k, north + size.y / k];
    for (const name of this.candidates) {
      if (zoom < name.from || zoom >= name.to || (name.feature !== null && !meets(coverage.boxes, 4 * name.feature, view))) continue;
      const place = name.at(view);
      if (!place) continue;
      const at = map.latLngToContainerPoint(place.latlng);
      if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
      const small = name.under ? coverage.largest[name.feature] * k : 99, shift = small < 40 ? small / 2 + 8 : name.shift;
      ctx.font = name.font;
      for (const lines of this.lines(ctx, name, place.width * k, place.height * k)) {
        const width = Math.max(...lines.map((line) => this.width(ctx, name.font, line))), tall = LINE * lines.length;
        const y = (name.fit ? [0, -5, 5] : [0, -11, 11, -16, 16]).map((step) => at.y + shift + step).find((middle) => {
          const mine = [at.x - width / 2 - 2, middle - tall / 2 - 1, at.x + width / 2 + 2, middle + tall / 2 + 1];
          return !taken.some((t) => mine[0] < t[2] && t[0] < mine[2] && mine[1] < t[3] && t[1] < mine[3]) && taken.push(mine);
        });
        if (y === undefined) continue;
        told.push(name.text);
        lines.forEach((line, n) => {
          const middle = y + (n - (lines.length - 1) / 2) * LINE;
          ctx.strokeStyle = 'rgba(255,255,255,.88)';
          ctx.lineWidth = name.halo;
          ctx.strokeText(line, at.x, middle);
          ctx.fillStyle = name.colour;
          ctx.fillText(line, at.x, middle);
        });
        break;
      }
    }
    this.told = told; // what stands on the map now
  },
  lines(ctx, name, width, height) { // how the name may be set: in one line, or in two of about the same length
    const words = name.text.split(' '), whole = [[name.text]];
    if (!name.fit) return whole;
    const fits = (lines) => height * name.fit >= LINE * lines.length && lines.every((line) => this.width(ctx, name.font, line) <= name.fit * width);
    for (let cut = 1; cut < words.length; cut++) whole.push([words.slice(0, cut).join(' '), words.slice(cut).join(' ')]);
    const longest = (lines) => Math.max(...lines.map((line) => line.length));
    return whole.filter(fits).sort((a, b) => a.length - b.length || longest(a) - longest(b));
  },
  width(ctx, font, text) {
    const key = font + text;
    if (!this.widths.has(key)) this.widths.set(key, ctx.measureText(text).width);
    return this.widths.get(key);
  },
});

const LINE = 13; // px
