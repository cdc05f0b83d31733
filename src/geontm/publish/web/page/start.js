/* The start of the page. */

geontm.attach = async function attach(map, id) {
  const { head, reader } = await unpack(id);
  performance.mark('gt-unpacked');
  geontm.map = map;
  geontm.page = new App(map, head, reader);
  geontm.page.build();
  requestAnimationFrame(() => requestAnimationFrame(() => { geontm.readyAt = performance.now(); }));
};
