/* The map itself: outlines in the colours of the layer, borders, names, pointing and choosing. */

part('map', 0, (app) => {
  const { map, head } = app;
  const shapes = app.reader.polygons(), borders = app.reader.lines(), around = app.reader.polygons();
  const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6], className: 'gt-tip' });
  const credit = el('div', { class: 'gt-credit' });
  let layers = [], renderer, pattern, svg, focus, inked, near, hovered = null;

  function outlines() {
    renderer = new IsletCanvas({ padding: 0.3 });
    pattern = hatch();
    const quiet = { renderer, interactive: false };
    for (const shape of around) {
      L.polygon(shape, { ...quiet, fillColor: '#e7e4dc', fillOpacity: 1, color: '#cfcbc1', weight: 0.8 }).addTo(map);
    }
    const group = L.featureGroup();
    layers = shapes.map((shape, unit) => {
      if (!shape.length) return null;
      const islets = shape.every((part) => {
        const box = L.latLngBounds(part[0]);
        return box.getEast() - box.getWest() < 0.12 && box.getNorth() - box.getSouth() < 0.12;
      });
      const layer = L.polygon(shape, {
        renderer, fillOpacity: 1, weight: 0.7, smoothFactor: 0.6, islets, unit, parts: shape.length,
      });
      group.addLayer(layer);
      return layer;
    });
    group.addTo(map);
    for (const [colour, weight] of [['#ffffff', 2], ['#4a4f55', 0.9]]) {
      L.polyline(borders, { ...quiet, color: colour, weight, opacity: weight > 2 ? 0.55 : 0.9, smoothFactor: 0.6 }).addTo(map);
    }
    const unitOf = (event) => (event.propagatedFrom || event.layer || event.sourceTarget).options.unit;
    group.on('mouseover mousemove', (event) => hover(unitOf(event), event.latlng));
    group.on('mouseout', () => hover(null));
    group.on('click', (event) => { L.DomEvent.stop(event); app.set({ unit: null }); app.set({ unit: unitOf(event), at: event.latlng }); });
  }

  function home() {
    const box = head.bounds;
    if (box) map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { paddingTopLeft: [18, 18], paddingBottomRight: [18, 46], animate: false });
  }

  function paint() {
    const { of, colours } = app.classes(app.layer), { shown } = app.state;
    layers.forEach((layer, unit) => {
      if (!layer) return;
      layer.options.fillColor = shown && !shown[unit] ? OUT : of[unit] < 0 ? pattern : colours[of[unit]];
    });
    strokes(true);
  }

  function strokes(always) {
    const ink = layers.length < 400 || map.getZoom() >= 9.25, close = map.getZoom() >= 9;
    if (!always && ink === inked && close === near) return;
    inked = ink;
    near = close;
    for (const layer of layers) {
      if (!layer) continue;
      const { fillColor, parts } = layer.options, outlined = inked && (near || parts < MANY_PARTS);
      layer.options.color = outlined ? '#75706a' : typeof fillColor === 'string' ? fillColor : '#c9c6bf';
      layer.options.weight = outlined ? 0.8 : 0.7;
      layer.options.opacity = outlined ? 0.75 : 1;
    }
    if (renderer._ctx) {
      renderer._redrawBounds = null;
      renderer._redraw();
    }
  }

  function candidates() {
    const { units, labels } = app.head, many = units.provinces.length > 1, family = '"Noto Sans","Segoe UI",sans-serif';
    const found = [];
    const add = (text, at, options) => found.push({
      text, at: L.latLng(at[1], at[0]), from: 0, to: 99, halo: 3, shift: 0, box: null, colour: '#1f2326', ...options,
    });
    for (const code of labels.always) {
      const unit = units.code.indexOf(code);
      if (layers[unit]) {
        const box = L.latLngBounds(layers[unit].getBounds());
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
      add(name.toLocaleUpperCase('vi'), [x, y], { font: `600 11px ${family}`, colour: '#857f74' });
    }
    const order = layers.map((layer, unit) => unit).filter((unit) => layers[unit] && units.label_at[unit]);
    const area = (unit) => {
      const box = L.latLngBounds(layers[unit].getBounds());
      return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
    };
    order.sort((a, b) => area(b) - area(a) || a - b);
    for (const unit of order) {
      if (labels.always.includes(units.code[unit])) continue;
      add(shortName(units.name[unit]), units.label_at[unit],
        { from: many ? 8.5 : 0, font: `500 11.5px ${family}`, box: L.latLngBounds(layers[unit].getBounds()) });
    }
    return found;
  }

  function hover(unit, at) {
    if (unit === null) { tip.remove(); hovered = null; if (app.state.unit === null) outline(null); return; }
    if (unit !== hovered) {
      hovered = unit;
      if (app.state.unit === null) outline(unit);
      const value = app.value(app.layer.column, unit);
      tip.setContent(el('div', {}, el('strong', {}, head.units.name[unit]), el('span', {},
        `${app.pick(head.columns[app.layer.column].short)}: ${value !== null ? value : app.nothing(app.layer)}`)));
    }
    tip.setLatLng(at);
    if (!map.hasLayer(tip)) tip.addTo(map);
  }

  function outline(unit) {
    focus.clearLayers();
    if (unit === null || !layers[unit]) return;
    for (const [color, weight] of [['#ffffff', 4.5], ['#10222e', 2]]) {
      L.polygon(shapes[unit], { pane: 'gt-focus', renderer: (svg = svg || L.svg({ pane: 'gt-focus' })),
        fill: false, color, weight, interactive: false, smoothFactor: 0.6 }).addTo(focus);
    }
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
    draw() { label(); },
    start() {
      for (const [name, z] of [['gt-focus', 450], ['gt-names', 460]]) {
        map.createPane(name).style.zIndex = z;
        map.getPane(name).style.pointerEvents = 'none';
      }
      home(); // before the layers are added: each is projected once
      outlines();
      focus = L.layerGroup().addTo(map);
      map.on('zoomend', () => strokes());
      L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
      const corner = L.control({ position: 'bottomright' });
      corner.onAdd = () => credit;
      corner.addTo(map);
      paint();
      const names = new Names(candidates()).addTo(map);
      app.ground = { names, hover, home, layer: (unit) => layers[unit], box: (unit) => layers[unit] && layers[unit].getBounds(), fill: (unit) => layers[unit].options.fillColor };
    },
    update(changed) {
      if (changed.has('layer') || changed.has('shown')) paint();
      const { unit, near: go } = app.state;
      if (changed.has('unit')) {
        tip.remove();
        outline(unit);
        if (unit !== null && go && layers[unit]) map.fitBounds(layers[unit].getBounds(), { maxZoom: 10.5, padding: [60, 60], animate: false });
        app.state.near = false;
      }
    },
  };
});
