// The saved playlists. Every change names the revision that is on the screen: who was slower is told who was faster, sees
// what is so, and may do it all the same.

import { call, refresh, toast } from './admin.js';
import { arrange, choose } from './arrange.js';

const $ = (selector, within = document) => within.querySelector(selector);
const tools = () => $('#list-tools');
const address = () => `/api/v1/admin/playlists/${tools().dataset.list}`;
const seen = () => Number(tools().dataset.shown);

// ---- changes

// change sends one change and shows what became of it. send(rev) does it; done is the sentence, undo whether it can be taken back.
async function change(send, done, undo = true) {
  try {
    await send(seen());
    if (done) toast(done, undo ? () => edit({ op: 'undo' }) : null);
  } catch (refused) {
    if (refused.code !== 'changed') return toast(refused.message, null, true);
    const again = () => change(send, done, undo);
    again.word = 'Do it all the same';
    toast(refused.message, again, true);
  }
  await show();
}

// edit changes the items.
function edit(what, rev = seen()) {
  return call('POST', `${address()}/edits?items=0`, { rev, ...what });
}

async function show() {
  const focus = document.activeElement?.id;
  await refresh();
  if (focus) document.getElementById(focus)?.focus();
  choices();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-edit]');
  if (!button || button.disabled) return;
  button.closest('details')?.removeAttribute('open');
  const what = JSON.parse(button.dataset.edit);
  change((rev) => edit(what, rev), button.dataset.done ?? 'Moved.', what.op !== 'undo');
});

// ---- the list of playlists

document.addEventListener('playbill:done', (event) => {
  if (!event.target.matches('[data-made]')) return;
  event.preventDefault();
  location.assign(`/admin/playlists/${event.detail.said.id}`);
});

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-delete]');
  if (!button) return;
  const at = `/api/v1/admin/playlists/${button.dataset.delete}`;
  try {
    const was = await call('GET', at);
    await call('DELETE', `${at}?rev=${button.dataset.rev}`);
    toast(`${button.dataset.name} was deleted.`, () => call('POST', '/api/v1/admin/playlists', was));
  } catch (refused) {
    toast(refused.message, null, true);
  }
  await refresh();
});

// ---- forms

document.addEventListener('submit', (event) => {
  const form = event.target;
  const does = [['data-head', head], ['data-list-add', add], ['data-list-paste', paste], ['data-terms', terms]].find(([name]) => form.hasAttribute(name));
  if (!does) return;
  event.preventDefault();
  does[1](form);
});

function head(form) {
  const use = form.elements.use.value;
  const body = { name: form.elements.name.value, immutable: use === 'immutable', promo_type: use.startsWith('type:') ? use.slice(5) : '' };
  form.removeAttribute('hx-morph-skip');
  change((rev) => call('PATCH', address(), { rev, ...body }), 'Saved.');
}

let chosen = null; // the title of the catalog that the field names

async function add(form) {
  const text = form.elements.ref.value.trim();
  if (chosen) {
    const { media, title, duration_seconds } = chosen;
    await change((rev) => edit({ op: 'add', items: [{ ...media, title, duration_seconds }] }, rev), `${title} was added at the end.`);
  } else {
    await change(async (rev) => {
      const said = await call('POST', `${address()}/import`, { rev, text });
      if (!said.added) throw new Error(`${said.problems[0]?.message ?? 'That names nothing.'} Choose a title from the list, or paste a link or type:id.`);
    }, 'It was added at the end.');
  }
  form.reset();
  chosen = null;
}

async function paste(form) {
  const text = form.elements.text.value;
  let said = null;
  await change(async (rev) => {
    said = await call('POST', `${address()}/import`, { rev, text });
    if (!said.added) throw new Error('No line could be read, so nothing was added.');
  }, 'The lines that could be read were added at the end.');
  if (!said) return;
  if (!said.problems.length) form.reset();
  $('#paste').open = true;
  problems($('#paste-said'), said);
}

// problems lists what could not be read, line by line.
function problems(box, said) {
  const p = document.createElement('p');
  p.textContent = `${said.added} ${said.added === 1 ? 'item was' : 'items were'} added${said.problems.length ? `; ${said.problems.length} ${said.problems.length === 1 ? 'line' : 'lines'} could not be read:` : '.'}`;
  const list = document.createElement('ul');
  list.className = 'lines';
  for (const one of said.problems) {
    const li = document.createElement('li');
    const text = document.createElement('span');
    text.textContent = `Line ${one.line}: ${one.text}`;
    const why = document.createElement('small');
    why.textContent = one.message;
    text.append(why);
    li.append(text);
    list.append(li);
  }
  box.replaceChildren(p, ...(said.problems.length ? [list] : []));
}

function terms(form) {
  const value = (name) => form.elements[name].value.trim();
  const body = {
    starts_at_ms: instant(value('starts'), form.dataset.zone), ends_at_ms: instant(value('ends'), form.dataset.zone),
    windows: value('windows'), rest_minutes: Number(value('rest')) || 0, evergreen: form.elements.evergreen.checked,
    tags: value('tags').split(',').map((tag) => tag.trim()).filter(Boolean),
  };
  const id = Number(form.dataset.terms);
  form.removeAttribute('hx-morph-skip');
  change((rev) => edit({ op: 'terms', item_ids: [id], terms: body }, rev), 'Saved. It counts from the next slot.');
}

document.addEventListener('input', (event) => {
  event.target.closest('form[data-head], form[data-terms], form[data-list-add], form[data-list-paste]')?.setAttribute('hx-morph-skip', '');
});

// instant is a local time of a zone in UTC milliseconds; 0 for none. The offset is asked for twice: once near it, once at it.
function instant(local, zone) {
  if (!local) return 0;
  const wanted = Date.parse(`${local}:00Z`);
  let at = wanted;
  for (let i = 0; i < 2; i += 1) at += wanted - shownAs(at, zone);
  return at;
}

function shownAs(ms, zone) {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
    .formatToParts(ms).reduce((all, { type, value }) => ({ ...all, [type]: value }), {});
  return Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:00Z`);
}

// ---- choosing several

const picks = () => [...document.querySelectorAll('[data-pick]:checked')].map((box) => Number(box.dataset.pick));

function choices() {
  const n = picks().length;
  for (const button of document.querySelectorAll('[data-bulk]')) button.disabled = n === 0;
  const remove = $('[data-bulk="remove"]');
  if (remove) remove.textContent = n ? `Remove ${n}` : 'Remove';
  const all = $('[data-all]');
  if (all) all.checked = n > 0 && n === document.querySelectorAll('[data-pick]').length;
}

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-all]')) {
    for (const box of document.querySelectorAll('[data-pick]')) box.checked = event.target.checked;
  }
  if (event.target.matches('[data-all], [data-pick]')) choices();
});

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-bulk]');
  if (!button || button.disabled) return;
  const ids = picks(), to = button.dataset.bulk, many = `${ids.length} ${ids.length === 1 ? 'item' : 'items'}`;
  if (to === 'remove') await change((rev) => edit({ op: 'remove', item_ids: ids }, rev), `${many} removed.`);
  else await change((rev) => edit({ op: 'move', to, item_ids: ids }, rev), `${many} moved to the ${to === 'top' ? 'top' : 'end'}.`);
  for (const box of document.querySelectorAll('[data-pick]')) box.checked = false;
  choices();
});

// ---- moving one

function drop(row) {
  const id = Number(row.dataset.item);
  const before = row.previousElementSibling, behind = row.nextElementSibling, was = Number(row.dataset.place) - 1;
  let at = before ? Number(before.dataset.place) : Number(behind?.dataset.place ?? 1) - 1; // among all, itself among them
  if (at > was) at -= 1;
  change((rev) => edit({ op: 'move', at, item_ids: [id] }, rev), `Moved to place ${at + 1}.`).then(() => $(`#grip${id}`)?.focus());
}

arrange({ list: '#items-list', rows: '[data-item]', drop, say: (text) => { $('#items-say').textContent = text; } });

// ---- adding

function suggest() {
  const input = $('#add');
  if (!input || input.dataset.ready !== undefined) return;
  input.dataset.ready = '';
  choose({ input, list: $('#add-list'), call, found: (title) => { chosen = title; } });
}
suggest();

// ---- what somebody else changed

document.addEventListener('playbill:fresh', () => {
  const now = $('#list-rev')?.dataset.rev;
  if (!tools() || !now || now === tools().dataset.shown || picks().length || $('[data-held], [hx-morph-skip]')) return;
  refresh(['#main']);
});

document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.more[open]')) {
    if (!open.contains(event.target)) open.removeAttribute('open');
  }
});
