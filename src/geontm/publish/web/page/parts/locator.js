/* The small map in the corner: Vietnam with Hoàng Sa and Trường Sa, the units of the project, and what is in view. */

part('map', 46, (app) => {
  const { head, map, reader } = app, about = head.locator;
  const WIDTH = 122, HEIGHT = 130, EDGE = 6, GROUND = '#c4c0b5', MINE = '#1f3a4d', FRAME = '#b2182b';
  let box = null, still = null, canvas = null, small = null, view = null;
  if (!about) return {}; // nothing of the page lies in Vietnam

  function look() { // the view (canvas.js) in which the outline fills the small map
    const all = empty(1);
    for (let feature = 0; feature < small.count; feature++) widen(all, 0, small.boxes, feature);
    const [west, north, east, south] = all;
    const k = Math.min((WIDTH - 2 * EDGE) / (east - west), (HEIGHT - 2 * EDGE - 10) / (south - north));
    view = { zoom: Math.log2(k) + 1, k, x: small.ox + (west + east - WIDTH / k) / 2, y: small.oy + north - EDGE / k, box: [-Infinity, -Infinity, Infinity, Infinity] };
  }
  function outline() { // everything but what is in view: drawn once, and again in another language
    const { ground } = app, ctx = sized(el('canvas'), WIDTH, HEIGHT), { k, dx, dy } = small.frame(view);
    const shape = (coverage, features, colour) => {
      const frame = coverage.frame(view);
      ctx.fillStyle = ctx.strokeStyle = colour;
      ctx.lineWidth = 0.5;
      for (let feature = 0; feature < features; feature++) {
        ctx.beginPath();
        coverage.trace(ctx, feature, frame);
        ctx.fill('evenodd');
        ctx.stroke();
      }
    };
    shape(small, small.count, GROUND);
    if (!about.national && ground) shape(ground.coverage, ground.coverage.units, MINE);
    ctx.fillStyle = MINE;
    ctx.font = 'italic 600 10px "Noto Sans","Segoe UI",sans-serif';
    ctx.textAlign = 'center';
    for (const code of ['20333', '22736']) {
      const feature = about.codes.indexOf(code), [first, end] = small.rings(feature), middle = (boxes, n, side) => (boxes[4 * n + side] + boxes[4 * n + side + 2]) / 2;
      for (let ring = first; ring < end; ring++) {
        ctx.beginPath();
        ctx.arc(middle(small.ringBox, ring, 0) * k + dx, middle(small.ringBox, ring, 1) * k + dy, 0.9, 0, 2 * Math.PI);
        ctx.fill();
      }
      const name = app.t('place_' + code).replace(/^Quần đảo /, '').replace(/ archipelago$/, '');
      ctx.fillText(name, Math.min(middle(small.boxes, feature, 0) * k + dx, WIDTH - 28), small.boxes[4 * feature + 3] * k + dy + 10);
    }
    still = ctx.canvas;
  }
  function draw() {
    const seen = map.getBounds(), [w, s, e, n] = head.bounds || [0, 0, 0, 0];
    box.hidden = about.national && seen.contains([[s, w], [n, e]]); // all of it is on the map itself
    if (box.hidden) return;
    const ctx = sized(canvas, WIDTH, HEIGHT), across = (lng) => (worldX(lng) - view.x) * view.k, down = (lat) => (worldY(lat) - view.y) * view.k;
    const [west, east, north, south] = [across(seen.getWest()), across(seen.getEast()), down(seen.getNorth()), down(seen.getSouth())];
    const width = Math.max(east - west, 5), height = Math.max(south - north, 5);
    ctx.drawImage(still, 0, 0, WIDTH, HEIGHT);
    ctx.strokeStyle = FRAME;
    ctx.lineWidth = 1.5;
    ctx.strokeRect((west + east - width) / 2, (north + south - height) / 2, width, height);
  }
  function fill() {
    box.setAttribute('aria-label', app.t('locator'));
    outline();
    draw();
  }
  return {
    draw() { if (box) fill(); },
    start() {
      if (head.labels.context.length && head.sea !== false) map.getContainer().classList.add('gt-sea'); // with land all around, the rest is sea
      small = new Coverage(reader.block(about.at, about.grid), about.codes.length);
      look();
      canvas = el('canvas', { 'aria-hidden': 'true' });
      box = el('div', { class: 'gt-locator', role: 'img' }, canvas);
      const corner = L.control({ position: 'bottomright' });
      corner.onAdd = () => box;
      corner.addTo(map);
      fill();
      map.on('moveend zoomend resize', draw);
    },
  };
});
