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
    const found = [], all = units.code.map((_, unit) => unit).filter((unit) => coverage.has(unit));
    const add = (text, at, options) => found.push({ text, at, from: 0, to: 99, halo: 3, shift: 0, fit: 0, feature: null, colour: '#1f2326', ...options });
    for (const code of labels.always) {
      const unit = units.code.indexOf(code), box = coverage.box(unit);
      if (!box) continue;
      const under = { latlng: L.latLng(box.getSouth(), box.getCenter().lng), width: 0, height: 0 };
      add(units.name[unit], () => under, { shift: 12, font: `italic 600 12px ${family}`, colour: '#12384f' });
    }
    if (many) {
      const groups = units.provinces.map((name, province) => {
        const mine = all.filter((unit) => units.province[unit] === province), place = mine.length ? coverage.place(mine) : null;
        return { name, place };
      }).filter(({ place }) => place).sort((a, b) => b.place.width - a.place.width);
      for (const { name, place } of groups) {
        add(shortName(name), () => place, { from: national ? 4.75 : 0, to: national ? 9.5 : 8, font: `700 12px ${family}` });
      }
    }
    (labels.context || []).forEach((name, n) => {
      const feature = units.code.length + n, text = typeof name === 'string' ? name : app.pick(name);
      if (!coverage.has(feature) || !text) return;
      add(text.toLocaleUpperCase('vi'), (view) => coverage.place([feature], view), { feature, font: `600 11px ${family}`, colour: '#736d62' });
    });
    for (const [name, spots] of labels.seas || []) { // at the first of its places that is in sight
      const inView = () => {
        const view = map.getBounds().pad(-0.05), spot = spots.find(([lon, lat]) => view.contains([lat, lon]));
        return spot ? { latlng: L.latLng(spot[1], spot[0]), width: 0, height: 0 } : null;
      };
      add(app.pick(name).toLocaleUpperCase('vi'), inView, { font: `italic 500 12px ${family}`, colour: '#2f5f80', halo: 2 });
    }
    for (const unit of all.sort((a, b) => coverage.largest[b] - coverage.largest[a] || a - b)) {
      if (labels.always.includes(units.code[unit])) continue;
      const under = coverage.island(unit), fit = under ? 6 : many ? 1.2 : 2.2;
      add(shortName(units.name[unit]), () => placeOf(unit), { from: many ? 8.5 : 0, feature: unit, fit, under, font: `500 11.5px ${family}` });
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
