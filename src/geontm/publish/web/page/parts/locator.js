/* The small map in the corner: Vietnam with Hoàng Sa and Trường Sa, the units of the project, and what is in view. */

part('map', 46, (app) => {
  const { head, map, reader } = app, about = head.locator;
  const WIDTH = 122, HEIGHT = 130, EDGE = 6, LAND = '#c4c0b5', MINE = '#1f3a4d', VIEW = '#b2182b';
  let box = null, still = null, canvas = null, small = null, frame = null;
  if (!about) return {}; // nothing of the page lies in Vietnam

  function project() { // the outline fills the small map; positions are those of the Mercator plane
    const all = [0, 1, 2, 3].map((side) => {
      const of = Array.from({ length: small.count }, (_, k) => small.boxes[4 * k + side]);
      return side < 2 ? Math.min(...of) : Math.max(...of);
    });
    const k = Math.min((WIDTH - 2 * EDGE) / (all[2] - all[0]), (HEIGHT - 2 * EDGE - 10) / (all[3] - all[1]));
    const dx = (WIDTH - k * (all[0] + all[2])) / 2, dy = EDGE - k * all[1];
    frame = { level: small.level(Math.log2(k) + 1), k, dx, dy, box: [-Infinity, -Infinity, Infinity, Infinity] };
  }
  const at = (lon, lat) => [(worldX(lon) - small.ox) * frame.k + frame.dx, (worldY(lat) - small.oy) * frame.k + frame.dy];

  function layer() {
    const ratio = window.devicePixelRatio || 1, made = document.createElement('canvas');
    made.width = WIDTH * ratio;
    made.height = HEIGHT * ratio;
    const ctx = made.getContext('2d');
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return ctx;
  }
  function outline() { // everything but the view: drawn once, and again in another language
    const ctx = layer(), { ground } = app;
    ctx.lineJoin = 'round';
    const shape = (coverage, feature, place, fill) => {
      ctx.beginPath();
      coverage.trace(ctx, feature, place);
      ctx.fillStyle = ctx.strokeStyle = fill;
      ctx.lineWidth = 0.5;
      ctx.fill('evenodd');
      ctx.stroke();
    };
    for (let feature = 0; feature < small.count; feature++) shape(small, feature, frame, LAND);
    if (!about.national && ground) {
      const { coverage } = ground, dx = (coverage.ox - small.ox) * frame.k + frame.dx, dy = (coverage.oy - small.oy) * frame.k + frame.dy;
      const place = { ...frame, level: coverage.level(Math.log2(frame.k) + 1), dx, dy };
      for (let unit = 0; unit < coverage.units; unit++) if (coverage.has(unit)) shape(coverage, unit, place, MINE);
    }
    ctx.fillStyle = MINE;
    ctx.font = 'italic 600 10px "Noto Sans","Segoe UI",sans-serif';
    ctx.textAlign = 'center';
    for (const code of ['20333', '22736']) {
      const feature = about.codes.indexOf(code), b = 4 * feature, [west, , east, south] = small.boxes.subarray(b, b + 4);
      for (let ring = small.ringFrom[small.partFrom[feature]]; ring < small.ringFrom[small.partFrom[feature + 1]]; ring++) {
        const r = 4 * ring, x = (small.ringBox[r] + small.ringBox[r + 2]) / 2, y = (small.ringBox[r + 1] + small.ringBox[r + 3]) / 2;
        ctx.beginPath();
        ctx.arc(x * frame.k + frame.dx, y * frame.k + frame.dy, 0.9, 0, 2 * Math.PI);
        ctx.fill();
      }
      const name = app.t('place_' + code).replace(/^Quần đảo /, '').replace(/ archipelago$/, '');
      ctx.fillText(name, Math.min(((west + east) / 2) * frame.k + frame.dx, WIDTH - 28), south * frame.k + frame.dy + 10);
    }
    still = ctx.canvas;
  }
  function draw() {
    const view = map.getBounds(), [west, north] = at(view.getWest(), view.getNorth()), [east, south] = at(view.getEast(), view.getSouth());
    const [w, so, e, n] = head.bounds || [0, 0, 0, 0], whole = about.national && view.contains([[so, w], [n, e]]);
    box.hidden = whole; // all of it is on the map itself
    if (whole) return;
    const ctx = layer();
    ctx.drawImage(still, 0, 0, WIDTH, HEIGHT);
    ctx.strokeStyle = VIEW;
    ctx.lineWidth = 1.5;
    const [width, height] = [Math.max(east - west, 5), Math.max(south - north, 5)];
    ctx.strokeRect((west + east - width) / 2, (north + south - height) / 2, width, height);
    canvas.replaceWith(ctx.canvas);
    canvas = ctx.canvas;
    canvas.setAttribute('aria-hidden', 'true');
    canvas.style.width = `${WIDTH}px`;
    canvas.style.height = `${HEIGHT}px`;
  }
  const label = () => box.setAttribute('aria-label', app.t('locator'));

  return {
    draw() {
      if (!box) return;
      label();
      outline();
      draw();
    },
    start() {
      if (head.labels.context.length && head.sea !== false) map.getContainer().classList.add('gt-sea'); // with land all around, the rest is sea
      small = new Coverage(reader.block(about.at, about.grid), about.codes.length);
      project();
      canvas = el('canvas', { 'aria-hidden': 'true' });
      box = el('div', { class: 'gt-locator', role: 'img' }, canvas);
      label();
      const corner = L.control({ position: 'bottomright' });
      corner.onAdd = () => box;
      corner.addTo(map);
      outline();
      draw();
      map.on('moveend zoomend resize', draw);
    },
  };
});
