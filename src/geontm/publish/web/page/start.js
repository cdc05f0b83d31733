/* The start of the page. */

geontm.attach = async function attach(map, id) {
  if (typeof DecompressionStream === 'undefined') {
    map.getContainer().textContent = 'Trình duyệt quá cũ, không mở được bản đồ. / This browser is too old for the map.';
    return;
  }
  const { head, reader } = await unpack(id);
  performance.mark('gt-unpacked');
  geontm.map = map;
  geontm.page = new App(map, head, reader);
  geontm.page.build();
  requestAnimationFrame(() => requestAnimationFrame(() => { geontm.readyAt = performance.now(); }));
};
