/* Names on a canvas above the map. A name stands inside its unit, in one line or two; one that would touch another, or
   does not fit, waits for zoom.

   A candidate is { text, at: (view) => ({ latlng, width, height }) or null, from, to, font, colour, halo, shift, fit,
   feature, under }: `at` is asked when the name may be drawn (px of zoom 0); `fit`: at most how many times as large as that
   (0: no matter); `feature` of the coverage: only where that is in view; `under`: below it while it is small. */

const Names = Picture.extend({
  options: { padding: 0, pane: 'gt-names' },

  initialize(coverage, candidates) {
    L.Renderer.prototype.initialize.call(this);
    Object.assign(this, { coverage, candidates, widths: new Map() });
  },
  _initContainer() {
    Picture.prototype._initContainer.call(this);
    this._container.classList.add('leaflet-zoom-hide');
  },
  replace(candidates) { this.candidates = candidates; this.again(); },

  picture(ctx, { zoom, k, box: [west, north, east, south] }) {
    const map = this._map, size = map.getSize(), { coverage } = this, { ox, oy } = coverage, taken = [], told = [];
    const view = [west - ox, north - oy, east - ox, south - oy];
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
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
