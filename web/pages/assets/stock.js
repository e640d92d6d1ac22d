// A title that was added is shown where it can be edited further.

document.addEventListener('playbill:done', (event) => {
  if (!event.target.matches('[data-added]')) return;
  event.preventDefault();
  const { type, id } = event.detail.said.media;
  location.assign(`/admin/catalog/item?${new URLSearchParams({ type, id })}`);
});
