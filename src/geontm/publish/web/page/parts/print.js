/* The map on a sheet: A4 landscape, the map beside title, legend and sources. */

part('panel', 51, (app) => {
  const SHARP = 2; // dots of a canvas per px: a printer shows more than a screen
  let view = null, dots = null;
  function before() {
    const { map } = app;
    view = { centre: map.getCenter(), zoom: map.getZoom(), box: map.getBounds() };
    document.querySelector('.gt-page').classList.add('gt-printing');
    dots = Object.getOwnPropertyDescriptor(window, 'devicePixelRatio');
    Object.defineProperty(window, 'devicePixelRatio', { value: Math.max(SHARP, window.devicePixelRatio || 1), configurable: true });
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(view.box, { animate: false });
  }
  function after() {
    if (!view) return;
    document.querySelector('.gt-page').classList.remove('gt-printing');
    if (dots) Object.defineProperty(window, 'devicePixelRatio', dots);
    app.map.invalidateSize({ animate: false, pan: false });
    app.map.setView(view.centre, view.zoom, { animate: false });
    view = null;
  }
  return {
    draw: () => el('button', { type: 'button', class: 'gt-button gt-half gt-print-button', onclick: () => window.print() }, app.t('print')),
    start() {
      window.addEventListener('beforeprint', before);
      window.addEventListener('afterprint', after);
    },
  };
});
