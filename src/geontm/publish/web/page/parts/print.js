/* The map on a sheet: A4 landscape, the map beside title, legend and sources. */

part('panel', 51, (app) => {
  const SMALLEST = 0.6; // of its size: smaller, nobody reads it
  const SHARP = 2; // dots of a canvas per px: a printer shows more than a screen
  let view = null, dots = null, copies = [];
  function shrink(panel) {  // nothing of legend and sources is cut off
    const { width, height } = panel.getBoundingClientRect();
    for (let zoom = 0.95; panel.scrollHeight > panel.clientHeight && zoom >= SMALLEST; zoom -= 0.05) {
      Object.assign(panel.style, { zoom, width: `${width / zoom}px`, height: `${height / zoom}px` });
    }
  }
  function before() {
    if (view) return;
    const { map } = app;
    view = { centre: map.getCenter(), zoom: map.getZoom(), box: map.getBounds() };
    document.querySelector('.gt-page').classList.add('gt-printing');
    shrink(app.panel);
    dots = Object.getOwnPropertyDescriptor(window, 'devicePixelRatio');
    Object.defineProperty(window, 'devicePixelRatio', { value: Math.max(SHARP, window.devicePixelRatio || 1), configurable: true });
    map.invalidateSize({ animate: false, pan: false });
    showAgain(app, view.box);
    // Chromium prints a canvas that is drawn now as drawing orders, and the first of these, to clear the canvas, wipes
    // out what lies below it on the sheet. A copy is printed as the picture it is.
    copies = [...map.getContainer().querySelectorAll('canvas')].map((canvas) => {
      const copy = canvas.cloneNode();
      if (canvas.width && canvas.height) copy.getContext('2d').drawImage(canvas, 0, 0);
      canvas.after(copy);
      canvas.classList.add('gt-copied');
      return [canvas, copy];
    });
  }
  function after() {
    if (!view) return;
    for (const [canvas, copy] of copies) { canvas.classList.remove('gt-copied'); copy.remove(); }
    for (const each of ['zoom', 'width', 'height']) app.panel.style[each] = '';
    document.querySelector('.gt-page').classList.remove('gt-printing');
    if (dots) Object.defineProperty(window, 'devicePixelRatio', dots);
    app.map.invalidateSize({ animate: false, pan: false });
    app.map.setView(view.centre, view.zoom, { animate: false });
    view = null;
  }
  return {
    draw: () => location.protocol === 'about:' ? null : el('button', { type: 'button', class: 'gt-button gt-half gt-print-button', onclick: () => window.print() }, app.t('print')),
    start() {
      const { signal } = app.left;
      window.addEventListener('beforeprint', before, { signal });
      window.addEventListener('afterprint', after, { signal });
    },
  };
});
