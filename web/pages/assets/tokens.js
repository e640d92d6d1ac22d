// The page of the API tokens: a new one is shown once, with the command that tries it, and copied on demand.

import { toast } from './admin.js';

const $ = (selector) => document.querySelector(selector);

// The secret stands outside of what is brought up to date, and goes when its reader says so, or leaves.
document.addEventListener('playbill:done', (event) => {
  if (event.target.id !== 'token-form') return;
  const { name, secret } = event.detail.said;
  const box = $('#secret');
  box.setAttribute('hx-morph-skip', '');
  $('[data-secret-name]').textContent = name;
  $('#secret-text').value = secret;
  $('#secret-curl').value = `curl -H "Authorization: Bearer ${secret}" ${location.origin}/api/v1/me`;
  box.hidden = false;
  box.focus();
});

document.addEventListener('click', async (event) => {
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    const field = document.getElementById(copy.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      toast('Copied.');
    } catch {
      toast('The browser does not let a page copy here. It is selected: press Ctrl and C.');
    }
  }
  if (event.target.closest('[data-forget]')) forget();
});

function forget() {
  for (const field of document.querySelectorAll('#secret input')) field.value = '';
  $('#secret').hidden = true;
  $('#secret').removeAttribute('hx-morph-skip');
}

addEventListener('pagehide', forget);
