/* Communes as a layer among others on somebody's folium map: shown and hidden like any layer, several on one map.
   The one shown last has the panel and answers the pointer. What stands above them is asked first. */
(function () {
  'use strict';
  const PANES = ['gt-units', 'gt-focus', 'gt-names', 'gt-overlays'];
  const MINE = '.leaflet-interactive, .leaflet-marker-icon, .leaflet-popup, .leaflet-control';
  let turn = Promise.resolve(); // layers are unpacked one after another

  const taken = (event) => {
    const target = event.originalEvent && event.originalEvent.target;
    return event.type === 'click' && Boolean(target && target.closest && target.closest(MINE));
  };
  const controls = (map) => new Set(map.getContainer().querySelectorAll('.leaflet-control'));

  // All that folium's popups want of jQuery, on a page that comes without it.
  window.$ = window.$ || ((text) => {
    const box = document.createElement('template');
    box.innerHTML = text.trim();
    return [...box.content.childNodes];
  });

  geontm.Layer = L.Layer.extend({
    options: { opacity: 1, fit: null },
    initialize(id, options) {
      L.setOptions(this, options);
      this.id = id;
    },
    onAdd(map) {
      map.geontmShown = [...(map.geontmShown || []), this];
      if (!this.made) this.made = turn = turn.then(() => this.make(map));
      this.made.then(() => arrange(map));
    },
    onRemove(map) {
      map.geontmShown = map.geontmShown.filter((each) => each !== this);
      this.made.then(() => arrange(map));
    },
    setOpacity(opacity) {
      this.options.opacity = opacity;
      if (!this.app) return this;
      this.panes[0].style.opacity = opacity;
      this.app.panel.style.setProperty('--gt-opacity', opacity);
      return this;
    },

    async make(map) {
      const box = map.getContainer(), view = [map.getCenter(), map.getZoom()], there = controls(map), outer = box.closest('.gt-page');
      map.on('mousemove click', (event) => { event.taken = top(map) !== this || taken(event); });
      await geontm.attach(map, this.id);
      this.app = geontm.page;
      this.panes = PANES.map((name) => map.getPane(name)).filter(Boolean);
      const main = box.parentNode;
      this.nodes = [...main.children].filter((node) => node !== box);
      if (outer) { // on this map already: one page, the panels take turns
        const frame = main.parentNode, first = outer.querySelector('.gt-main');
        first.prepend(box);
        first.append(...this.nodes);
        this.app.panel.remove();
        frame.remove();
      }
      this.frame = box.closest('.gt-page');
      this.nodes.push(...[...controls(map)].filter((node) => !there.has(node)));
      map.geontmLayers = [...(map.geontmLayers || []), this];
      this.setOpacity(this.options.opacity);
      attribute(map);
      map.invalidateSize({ animate: false });
      if (/(^|[#&])v=/.test(location.hash)) return;
      const { fit } = this.options;
      if (fit) map.fitBounds(fit[0], { ...fit[1], animate: false });
      else map.setView(...view, { animate: false });
    },
  });

  function top(map) { return map.geontmShown.filter((each) => each.app).at(-1); }

  function arrange(map) {
    const first = top(map);
    for (const layer of map.geontmLayers) {
      const at = map.geontmShown.indexOf(layer);
      layer.panes.forEach((pane) => pane.classList.toggle('gt-away', at < 0));
      layer.panes[0].style.zIndex = 380 + Math.max(at, 0); // all below what folium draws at 400
      layer.nodes.forEach((node) => node.classList.toggle('gt-away', layer !== first));
      if (layer === first) continue;
      layer.app.set({ unit: null });
      layer.app.ground.hover(null);
      layer.app.panel.remove();
    }
    if (first && !first.app.panel.parentNode) first.frame.prepend(first.app.panel);
    if (first) geontm.page = first.app;
    map.invalidateSize({ animate: false });
  }

  // Whoever lends tiles is named, on maps that come without the corner for it too.
  function attribute(map) {
    let lent = false;
    map.eachLayer((layer) => { lent = lent || Boolean(layer.getAttribution && layer.getAttribution()); });
    if (lent && !map.attributionControl) {
      map.attributionControl = L.control.attribution({ prefix: false }).addTo(map);
    }
  }
})();
