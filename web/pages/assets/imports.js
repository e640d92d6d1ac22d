// Imports: what would come of a list is shown first, then it is done as a job that the page follows.

import { refresh, toast } from './admin.js';

const $ = (selector, within = document) => within.querySelector(selector);
const at = '/api/v1/admin/catalog/imports';
const lookEvery = 1000; // milliseconds, while a job runs
const shown = 100; // problems of a list

// ---- asking

// ask sends a list. dry: only what would come of it. What is refused is an Error with the API's sentence.
async function ask(list, dry) {
  const query = new URLSearchParams({ format: list.format, ...(list.name && { name: list.name }), ...(dry && { dry_run: '1' }) });
  let answer;
  try {
    answer = await fetch(`${at}?${query}`, { method: 'POST', headers: { Accept: 'application/json' }, body: list.body });
  } catch {
    throw new Error('The host does not answer. Nothing is known to have changed; try again in a moment.');
  }
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(said?.error?.message ?? `The host answered ${answer.status}.`);
  return said;
}

// formOf finds out how a list is written: by its first character, or by its first line.
function formOf(head, name) {
  const ending = name.toLowerCase().split('.').pop();
  if (name && ['csv', 'json'].includes(ending)) return ending;
  const text = head.replace(/^\uFEFF/, '').trimStart();
  if (text.startsWith('[')) return 'json';
  const first = text.split('\n').find((line) => !line.startsWith('#')) ?? '';
  const columns = first.split(',').map((one) => one.trim().replaceAll('"', '').toLowerCase());
  return columns.includes('type') && columns.includes('id') ? 'csv' : 'text';
}

async function listOf(form) {
  const file = form.elements.file.files[0], text = form.elements.text.value;
  if (!file && !text.trim()) throw new Error('There is nothing to import yet. Paste a list, or choose a file.');
  const head = file ? await file.slice(0, 4096).text() : text.slice(0, 4096);
  return { body: file ?? text, name: file?.name ?? '', format: form.elements.format.value || formOf(head, file?.name ?? '') };
}

// ---- showing

function element(name, text, className = '') {
  const e = document.createElement(name);
  e.textContent = text;
  if (className) e.className = className;
  return e;
}

const titles = (n) => `${n.toLocaleString('en')} ${n === 1 ? 'title' : 'titles'}`;

function preview(list, said) {
  const box = $('#preview'), fresh = said.added + said.changed, wrong = said.problems.length;
  const facts = element('dl', '', 'figures');
  for (const [n, what] of [[said.added, 'new'], [said.changed, 'changed'], [said.same, 'as they are'], [wrong, wrong === 1 ? 'line with a problem' : 'lines with a problem']]) {
    const div = document.createElement('div');
    div.append(element('dt', what), element('dd', n.toLocaleString('en')));
    facts.append(div);
  }
  const parts = [element('h3', 'What it would do'), facts];
  if (wrong) parts.push(problems(said.problems));
  const row = element('p', '', 'row');
  if (fresh) {
    const go = element('button', `Import ${titles(fresh)}`, 'btn');
    go.type = 'button';
    go.id = 'import-go';
    go.addEventListener('click', () => start(list, go));
    row.append(go);
  } else row.append(element('span', 'There is nothing new in it, so there is nothing to import.'));
  const away = element('button', 'Not now', 'btn bare');
  away.type = 'button';
  away.addEventListener('click', () => box.replaceChildren());
  row.append(away);
  box.replaceChildren(...parts, row);
}

function problems(all) {
  const list = element('ul', '', 'lines');
  for (const one of all.slice(0, shown)) {
    const li = document.createElement('li'), text = element('span', `${one.line ? `Line ${one.line}` : ''}${one.line && one.text ? ': ' : ''}${one.text}`);
    text.append(element('small', one.message));
    li.append(text);
    list.append(li);
  }
  if (all.length > shown) list.append(element('li', `And ${all.length - shown} more.`));
  return list;
}

function refuse(refused) {
  $('#preview').replaceChildren(element('p', refused.message, 'error'));
}

// ---- doing

async function look(list, button) {
  button.disabled = true;
  try {
    preview(list, await ask(list, true));
  } catch (refused) {
    refuse(refused);
  }
  button.disabled = false;
}

async function start(list, button) {
  button.disabled = true;
  try {
    const said = await ask(list, false);
    $('#preview').replaceChildren();
    $('#import-form').reset();
    toast(`${said.job.subject} has started.`);
  } catch (refused) {
    refuse(refused);
  }
  await refresh(['#jobs', '#site-state']);
}

document.addEventListener('submit', async (event) => {
  if (event.target.id !== 'import-form') return;
  event.preventDefault();
  try {
    await look(await listOf(event.target), event.submitter ?? $('#import-form button'));
  } catch (refused) {
    refuse(refused);
  }
});

$('#from-channel').addEventListener('click', (event) => look({ format: 'channel', name: '' }, event.currentTarget));

setInterval(() => {
  if (!document.hidden && $('[data-running]') && !$('#jobs details[open], #site-state details[open]')) refresh(['#jobs', '#site-state', '#contents']).catch(() => {});
}, lookEvery);
