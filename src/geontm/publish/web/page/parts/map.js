/* The map itself: outlines in the colours of the layer, borders, names, pointing and choosing.

   Its door for other parts is `app.ground`:
     coverage      the outlines (coverage.js): polygons(unit), at(latlng), place([units]), ...
     canvas        the CoverageCanvas that shows them; another of its class may be put into a pane of its own
     fills()       what every unit is painted in now, of the layer that is shown; fills(view): of { of, colours }
     pattern       the hatch of the unknown
     box(unit)     L.LatLngBounds, null without outline; fill(unit): colour or pattern; place(unit): L.LatLng or null
     home()        shows the whole project; hover(unit, latlng): points at a unit, hover(null) at none
     names         the layer of names; names.told: those that stand on the map now */

part('map', 0, (app) => {
  const { map, head } = app, { units, labels } = head;
  const coverage = new Coverage(app.reader, units.code.length);
  const tip = tipOn(map, 6);
  const credit = el('div', { class: 'gt-credit' });
  const COMMUNES = 8.5; // from this zoom on a map of several provinces names its communes
  const CITIES = ['Hà Nội', 'Hồ Chí Minh', 'Hải Phòng', 'Đà Nẵng', 'Cần Thơ', 'Huế']; // run from the centre: named before others
  const REACH = 5; // px: so near to an islet counts as on it
  let canvas, pattern, svg, focus, names, hovered = null, painted = [];

  const places = new Map(); // found when they are asked for
  function placeOf(unit) {
    if (!places.has(unit)) places.set(unit, coverage.has(unit) ? coverage.place([unit]) : null);
    return places.get(unit);
  }

  function home() {
    const box = head.bounds;
    if (box) map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { paddingTopLeft: [18, 18], paddingBottomRight: [18, 46], animate: false });
  }

  function fills(view = app.classes(app.layer)) {
    return units.code.map((_, unit) => (view.of[unit] < 0 ? pattern : view.colours[view.of[unit]]));
  }
  function paint() {
    painted = fills();
    canvas.paint(painted, app.state.shown);
  }

  function candidates() {
    const many = units.provinces.length > 1, national = units.code.length > 400, family = '"Noto Sans","Segoe UI",sans-serif';
    const found = [], all = units.code.map((_, unit) => unit).filter((unit) => coverage.has(unit)), own = new Set();
    const narrow = map.getSize().x < 600;
    const add = (text, at, options) => found.push({ text, at, from: 0, to: 99, halo: 3, shift: 0, fit: 0, move: 0, feature: null, colour: '#1f2326', ...options });
    const spotsOf = (list) => list.map(([lon, lat]) => ({ latlng: L.latLng(lat, lon), width: 0, height: 0 })), placed = (place) => (place ? [place] : []);
    const island = { font: `italic 600 12px ${family}`, colour: '#12384f', move: 12 };
    for (const { code, at, units: mine } of labels.islands) { // far: the archipelago and its province; near: the unit's own name
      const spots = spotsOf([at]);
      add(app.t(`islands_${code}`).replace(' (', '\n('), () => spots, { ...island, shift: 18, to: mine.length ? COMMUNES : 99 });
      for (const unit of mine) {
        own.add(unit);
        add(units.name[unit], (view) => placed(coverage.place([unit], view)), { ...island, from: COMMUNES, feature: unit, under: true });
      }
    }
    if (many) {
      const font = `700 ${narrow ? 11 : 12}px ${family}`;
      const rank = (name) => (CITIES.indexOf(name) + CITIES.length + 1) % (CITIES.length + 1); // others after the last
      const groups = units.provinces.map((name, province) => {
        const mine = all.filter((unit) => units.province[unit] === province), place = mine.length ? coverage.place(mine) : null;
        return { name: shortName(name), place };
      }).filter(({ place }) => place).sort((a, b) => rank(a.name) - rank(b.name) || b.place.width - a.place.width);
      for (const { name, place } of groups) {
        const city = CITIES.includes(name);
        add(name === CITIES[1] ? `TP. ${name}` : name, () => [place], { from: national && !city ? 4.75 : 0, to: national ? 9.5 : 8, move: 30, font });
      }
    }
    const told = new Set(labels.islands.flatMap(({ around }) => around));
    labels.context.forEach((name, n) => {
      const feature = units.code.length + n, text = app.pick(name);
      if (!coverage.has(feature) || !text || told.has(n)) return;
      add(text.toLocaleUpperCase('vi'), (view) => placed(coverage.place([feature], view)), { feature, font: `600 11px ${family}`, colour: '#736d62' });
    });
    labels.seas.forEach(([name, list], n) => { // at one of its places that are in sight
      const inView = () => {
        const view = map.getBounds().pad(-0.05);
        return spotsOf(list.filter(([lon, lat]) => view.contains([lat, lon])));
      };
      const font = `italic 500 ${n ? 12 : narrow ? 14 : 17}px ${family}`; // the ocean is the first
      add(app.pick(name).toLocaleUpperCase('vi'), inView, { font, colour: '#2f5f80', halo: 2 });
    });
    for (const unit of all.sort((a, b) => coverage.largest[b] - coverage.largest[a] || a - b)) {
      if (own.has(unit)) continue;
      const under = coverage.island(unit), fit = under ? 6 : many ? 1.2 : 2.2;
      add(shortName(units.name[unit]), () => placed(placeOf(unit)), { from: many ? COMMUNES : 0, feature: unit, fit, under, move: 5, font: `500 11.5px ${family}` });
    }
    return found;
  }

  function point(event) {
    const over = event.originalEvent && event.originalEvent.target;
    if (over && over.closest && over.closest('.leaflet-popup, .leaflet-control, .leaflet-marker-icon, .leaflet-interactive')) return hover(null);
    if (event.taken) return hover(null); // something above the units is pointed at
    if (map.dragging.moving()) return undefined;
    return hover(coverage.at(event.latlng, REACH / 2 ** map.getZoom()), event.latlng);
  }
  function hover(unit, at) {
    if (unit !== hovered) {
      hovered = unit;
      map.getContainer().classList.toggle('gt-over', unit !== null);
      if (app.state.unit === null) outline(unit);
    }
    tip(unit, at, () => [units.name[unit], ...app.told(unit)]);
  }

  function outline(unit) {
    focus.clearLayers();
    if (unit === null || !coverage.has(unit)) return;
    const shape = coverage.polygons(unit, (lon, lat) => new L.LatLng(lat, lon));
    for (const [color, weight] of [['#ffffff', 4.5], ['#10222e', 2]]) {
      L.polygon(shape, { pane: 'gt-focus', renderer: svg, fill: false, color, weight, interactive: false, smoothFactor: 0.6 }).addTo(focus);
    }
  }

  function still() { // the map jumps, for whoever asked for less motion
    const { panBy } = map;
    Object.assign(map, { _fadeAnimated: false, _zoomAnimated: false, panBy: (by, options) => panBy.call(map, by, { ...options, animate: false }) });
    map.options.inertia = false;
    map.getContainer().classList.remove('leaflet-fade-anim');
  }

  function label() {
    const box = map.getContainer(), { page } = head;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', app.t('map_of', { title: page.title }));
    for (const [way, key] of [['in', 'zoom_in'], ['out', 'zoom_out']]) {
      const button = box.querySelector('.leaflet-control-zoom-' + way);
      if (button) { button.title = app.t(key); button.setAttribute('aria-label', app.t(key)); }
    }
    credit.textContent = app.t('boundaries', { source: app.pick(page.boundary_source) })
      + (page.schematic ? ` · ${app.t('schematic')}` : '');
  }

  return {
    draw() {
      label();
      if (names) names.replace(candidates());
    },
    start() {
      for (const [name, z] of [['gt-units', 390], ['gt-focus', 450], ['gt-names', 460]]) {
        map.createPane(name).style.zIndex = z;
        map.getPane(name).style.pointerEvents = 'none';
      }
      if (map.zoomControl) map.zoomControl.setPosition('topright'); // another may have it where the panel folds
      if (coverage.count > coverage.units && head.sea !== false) L.DomUtil.addClass(map.getContainer(), 'gt-sea'); // land is drawn, so the rest is water
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) still();
      home();
      pattern = hatch();
      svg = L.svg({ pane: 'gt-focus' });
      focus = L.layerGroup().addTo(map);
      canvas = new CoverageCanvas(coverage, { groups: units.province });
      paint();
      canvas.addTo(map);
      map.on('mousemove', point);
      map.on('mouseout', () => hover(null));
      map.on('click', (event) => {
        if (event.taken) return;
        const unit = coverage.at(event.latlng, REACH / 2 ** map.getZoom());
        app.set({ unit: null });
        if (unit !== null) app.set({ unit, at: event.latlng });
      });
      L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
      const corner = L.control({ position: 'bottomright' });
      corner.onAdd = () => credit;
      corner.addTo(map);
      names = new Names(coverage, candidates()).addTo(map);
      app.ground = {
        coverage, canvas, pattern, names, fills, home, hover,
        box: (unit) => coverage.box(unit), fill: (unit) => painted[unit], place: (unit) => (placeOf(unit) ? placeOf(unit).latlng : null),
      };
    },
    update(changed) {
      if (changed.has('layer') || changed.has('shown') || changed.has('year')) paint();
      const { unit, near: go } = app.state;
      if (changed.has('unit')) {
        tip(null);
        hovered = null;
        outline(unit);
        const box = unit !== null && go ? coverage.box(unit) : null;
        if (box) map.fitBounds(box, { maxZoom: 10.5, padding: [60, 60], animate: false });
        app.state.near = false;
      }
    },
  };
});
