/* The start of the page. */

// A page in a cell may be loaded before its cell is laid out: a map without any room cannot be drawn.
function room() {
  if (innerWidth && innerHeight) return Promise.resolve();
  return new Promise((resolve) => {
    addEventListener('resize', function told() {
      if (!innerWidth || !innerHeight) return;
      removeEventListener('resize', told);
      resolve();
    });
  });
}

geontm.attach = async function attach(map, id) {
  await room();
  const { head, reader } = await unpack(id), found = [{ head, reader }];
  performance.mark('gt-unpacked');
  if (head.former) {
    found.push({ head: { ...head.former, texts: head.texts }, reader: reader.block(head.former_at, head.former.grid) });
  }
  const eras = found.length > 1 ? { heads: found.map((each) => each.head), at: 0, show } : null;

  // Boundaries of another date take the place of those shown: another map and panel, at the same view.
  function show(number, link) {
    const box = geontm.map.getContainer(), frame = box.closest('.gt-page'), { options } = geontm.map;
    const view = { center: geontm.map.getCenter(), zoom: geontm.map.getZoom() };
    geontm.page.left.abort();
    geontm.map.remove();
    box.classList.remove('gt-sea', 'gt-over');
    frame.replaceWith(box);
    eras.at = number;
    geontm.map = L.map(box, { ...options, ...view });
    L.control.zoom({ position: 'topright' }).addTo(geontm.map);
    geontm.page = new App(geontm.map, found[number], eras);
    geontm.page.link = link;
    geontm.page.build();
  }
  const first = eras && /(^|[#&])e=1(&|$)/.test(location.hash) ? 1 : 0;
  if (eras) eras.at = first;
  geontm.map = map;
  geontm.page = new App(map, found[first], eras);
  geontm.page.build();
  requestAnimationFrame(() => requestAnimationFrame(() => { geontm.readyAt = performance.now(); }));
};
