import { beforeEach, expect, test } from 'vitest';
import { refocus } from './refocus';

let button: HTMLButtonElement;
let heading: HTMLElement;

beforeEach(() => {
  document.body.innerHTML = '<h2 tabindex="-1">单据</h2><button>同意</button>';
  button = document.querySelector('button') as HTMLButtonElement;
  heading = document.querySelector('h2') as HTMLElement;
  button.focus();
});

test('the focus of a button that is gone goes on to what is there', async () => {
  button.remove();
  await refocus(heading);
  expect(document.activeElement).toBe(heading);
});

test('a focus that is somewhere stays there', async () => {
  await refocus(heading);
  expect(document.activeElement).toBe(button);
});
