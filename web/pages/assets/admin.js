// What the admin pages do with a script. A page is read without it; a change is one request to the API:
//
//   <form data-api="PUT /api/v1/admin/..." data-done="Saved.">       its fields are the body, see body()
//   <button data-api="DELETE /api/v1/admin/..." data-body='{...}'>   the attribute is the body
//
// data-done    what the toast says when it is done
// data-undo    "METHOD /path": an Undo button on that toast; data-undo-body is its body
// data-key     the request carries an Idempotency-Key: it counts once, however often it is sent
// data-then    where to go afterwards; without it the page is brought up to date where it is
// data-send    on a form: "change" sends it with every change
// data-match   on a form: the revision that it was filled from; somebody else's change in between is refused
//
// What the answer says as "sentence" is the toast, and what it has as "undo" the request that takes it back; with "persisted":
// false the toast stays until it is dismissed. Problems that the
// API has with single fields stand at those with that data-pointer.
//
// Parts of a page that carry data-live and an id are brought up to date by themselves; a form is not, while somebody is
// filling it in. What a page needs beyond this has a module of its own, which listens to "playbill:done" and uses call(),
// toast() and refresh().

import { instant } from './zone.js';

const $ = (selector, within = document) => within.querySelector(selector);
const freshEvery = 5000; // milliseconds
const shownFor = 8000; // milliseconds, of a toast that has no Undo
const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

// ---- requests

// call sends one request to the API and returns what it answers. What is refused is an Error with the API's sentence.
export async function call(method, address, body, key, match) {
  const headers = { Accept: 'application/json' };
  if (match) headers['If-Match'] = `"${match}"`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error('The host does not answer. Nothing is known to have changed; try again in a moment.');
  }
  const text = await answer.text();
  let said = null;
  try { said = text ? JSON.parse(text) : null; } catch { /* not ours: the status says enough */ }
  if (!answer.ok) {
    const refused = new Error(said?.error?.message ?? `The host answered ${answer.status}.`);
    refused.code = said?.error?.code;
    refused.status = answer.status;
    refused.said = said;
    throw refused;
  }
  return said;
}

// body makes an object of a form's fields: "a.b" is a member of a member, but not in a form with data-flat. data-as says what
// a field is: number (empty is null), whole (empty is 0), minutes (sent as seconds), length (h:mm:ss, sent as seconds), instant (a
// local time of the form's data-zone, sent as UTC milliseconds; empty is 0), flag, list (one line each), names (parted by
// commas, or by bars), json; without it, text. A field with data-optional is left out while it is empty. A field without a
// name, and a radio that is not chosen, is not part of it. Fields of the same name with data-as="each" make an array.
export function body(form) {
  const out = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.type === 'submit' || field.type === 'button') continue;
    if (field.type === 'radio' && !field.checked) continue;
    if (field.dataset.optional !== undefined && field.value.trim() === '') continue;
    const path = form.dataset.flat === undefined ? field.name.split('.') : [field.name];
    const last = path.pop();
    const at = path.reduce((within, name) => (within[name] ??= {}), out);
    if (field.dataset.as === 'each') {
      at[last] ??= [];
      if (field.type !== 'checkbox' || field.checked) at[last].push(field.value);
    } else at[last] = valueOf(field);
  }
  return out;
}

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked;
  switch (field.dataset.as) {
    case 'number': return field.value.trim() === '' ? null : Number(field.value);
    case 'minutes': return field.value.trim() === '' ? null : Math.round(Number(field.value) * 60);
    case 'whole': return Number(field.value);
    case 'names': return field.value.split(field.value.includes('|') ? '|' : ',').map((name) => name.trim()).filter(Boolean);
    case 'length': return seconds(field);
    case 'instant': return instant(field.value, field.form.dataset.zone);
    case 'flag': return field.value === 'true';
    case 'list': return field.value.split('\n').map((line) => line.trim()).filter(Boolean);
    case 'json': return json(field);
    default: return field.value;
  }
}

function json(field) {
  try {
    return JSON.parse(field.value || 'null');
  } catch {
    const refused = new Error('Nothing was sent: a field is not JSON.');
    refused.said = { problems: [{ pointer: field.dataset.pointer, sentence: 'This is not JSON.' }] };
    throw refused;
  }
}

// seconds reads a length: h:mm:ss, m:ss, or seconds; empty is 0.
function seconds(field) {
  const parts = field.value.trim().split(':');
  if (parts.length > 3 || parts.some((part, i) => !/^\d+$/.test(part) || (i > 0 && (part.length !== 2 || Number(part) > 59)))) {
    if (field.value.trim() === '') return 0;
    const refused = new Error('Nothing was sent: a length cannot be read.');
    refused.said = { problems: [{ pointer: field.dataset.pointer, sentence: 'A length is written 7:05, or 1:07:30 with hours.' }] };
    throw refused;
  }
  return parts.reduce((all, part) => all * 60 + Number(part), 0);
}

async function send(source, trigger) {
  const [method, address] = source.dataset.api.split(' ');
  const isForm = source instanceof HTMLFormElement;
  if (source.dataset.key !== undefined) source.dataset.key ||= crypto.randomUUID();
  const button = trigger ?? source;
  button.disabled = true;
  clearNote(source);
  try {
    const sent = isForm ? (method === 'DELETE' || source.dataset.empty !== undefined ? undefined : body(source)) : source.dataset.body && JSON.parse(source.dataset.body);
    const said = await call(method, address, sent, source.dataset.key, source.dataset.match);
    button.disabled = false;
    if (source.dataset.key !== undefined) source.dataset.key = '';
    source.removeAttribute('hx-morph-skip');
    const done = new CustomEvent('playbill:done', { bubbles: true, cancelable: true, detail: { said, sent } });
    if (!source.dispatchEvent(done)) return;
    if (source.dataset.then) return void location.assign(source.dataset.then);
    if (said?.sentence) toast(said.sentence, undoOf(source, said), said.persisted === false);
    else if (source.dataset.done) toast(source.dataset.done, undoOf(source, said));
    if (isForm && source.dataset.reset !== undefined) source.reset();
    await refresh();
  } catch (refused) {
    button.disabled = false;
    if (isForm) noteAll(source, refused);
    else toast(refused.message, null, true);
  }
}

function undoOf(source, said) {
  if (said?.undo?.path) return () => call(said.undo.method, said.undo.path, said.undo.body, crypto.randomUUID());
  if (!source.dataset.undo) return null;
  const [method, address] = source.dataset.undo.split(' ');
  const sent = source.dataset.undoBody && JSON.parse(source.dataset.undoBody);
  return () => call(method, address, sent, crypto.randomUUID());
}

// ---- what is said

function note(form, sentence) {
  const p = document.createElement('p');
  p.className = 'error';
  p.setAttribute('role', 'alert');
  p.textContent = sentence;
  form.append(p);
}

// noteAll puts each problem at its field, and says at the foot of the form what has none.
function noteAll(form, refused) {
  const problems = refused.said?.problems ?? [];
  let placed = 0;
  for (const problem of problems) {
    const field = [...form.elements].find((one) => one.dataset.pointer !== undefined && one.dataset.pointer === problem.pointer);
    if (!field) continue;
    const id = `problem-${placed++}`;
    const span = document.createElement('span');
    span.className = 'error';
    span.id = id;
    span.textContent = problem.sentence;
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', id);
    (field.closest('.field') ?? field.parentElement).append(span);
    if (placed === 1) field.focus();
  }
  if (placed < problems.length || placed === 0) note(form, refused.message);
}

function clearNote(source) {
  if (!(source instanceof HTMLFormElement)) return;
  for (const error of source.querySelectorAll('.error')) error.remove();
  for (const field of source.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

// toast says one thing at the foot of the page. undo, when given, is what its button does; it stays until it is dismissed.
// An undo with a word of its own is another act than that, and says itself what came of it.
export function toast(sentence, undo = null, bad = false) {
  const box = document.createElement('div');
  box.className = 'toast';
  box.setAttribute('role', bad ? 'alert' : 'status');
  const words = document.createElement('span');
  words.textContent = sentence;
  box.append(words);
  if (undo) box.append(button(undo.word ?? 'Undo', async () => {
    try {
      await undo();
      if (!undo.word) toast('Undone.');
    } catch (refused) {
      toast(refused.message, null, true);
    }
    await refresh();
  }));
  if (undo || bad) box.append(button('Close', () => box.remove()));
  $('#toasts').replaceChildren(box);
  if (!undo && !bad) setTimeout(() => box.remove(), shownFor);
}

function button(word, act) {
  const b = document.createElement('button');
  b.type = 'button';
  b.className = 'btn slim';
  b.textContent = word;
  b.addEventListener('click', () => { b.disabled = true; act(); });
  return b;
}

// ---- bringing the page up to date

// refresh swaps in the page as it is now: all of it after a change, its live parts otherwise. A form that somebody is
// filling in stays as it is.
export async function refresh(parts = ['#main', '#contents', '#on-now']) {
  const answer = await fetch($('#main').dataset.address, { headers: { Accept: 'text/html' } });
  if (answer.redirected) return location.reload(); // the session is over
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of parts) {
    const now = $(part), next = $(part, fresh);
    if (now?.hasAttribute('hx-morph-skip')) continue;
    for (const one of now?.querySelectorAll('details[id]') ?? []) { // what somebody has opened stays open
      next?.querySelector('#' + CSS.escape(one.id))?.toggleAttribute('open', one.open);
    }
    if (now && next) await htmx.swap({ sourceElement: now, target: now, text: next.outerHTML, swap: 'outerMorph' });
  }
  tellTimes();
  document.dispatchEvent(new CustomEvent('playbill:fresh'));
}

setInterval(() => {
  if (document.hidden || $('[data-held], details.more[open]')) return; // something is being dragged, or chosen
  const live = [...document.querySelectorAll('[data-live][id]')].map((node) => '#' + CSS.escape(node.id));
  refresh(live).catch(() => {}); // a host that restarts is asked again
}, freshEvery);

// ---- times

function tellTimes() {
  for (const node of document.querySelectorAll('main time[datetime]:not([data-station])')) {
    const ms = Date.parse(node.dateTime);
    if (!Number.isNaN(ms) && node.dataset.as !== 'day') node.textContent = hours.format(ms);
  }
}

function tellTime() {
  const header = $('.clock');
  const { zone, place } = header.dataset;
  const mine = hours.format(Date.now());
  let station = mine;
  try {
    station = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone }).format(Date.now());
  } catch { /* a zone that this browser does not know: its own time alone is shown */ }
  $('b', header).textContent = mine;
  $('small', header).textContent = station === mine ? `station time, ${place}` : `${station} station, ${place}`;
}

// ---- what people do

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-api]')) return;
  event.preventDefault();
  send(form, event.submitter ?? undefined);
});

document.addEventListener('click', (event) => {
  const source = event.target.closest('button[data-api]');
  if (!source || source.disabled) return;
  event.preventDefault();
  send(source);
});

document.addEventListener('input', (event) => {
  event.target.closest('form[data-api]')?.setAttribute('hx-morph-skip', '');
});

document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-api][data-send="change"]');
  if (form) send(form);
});

tellTimes();
tellTime();
setInterval(tellTime, 5000);
