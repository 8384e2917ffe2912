/** What can be said of an icon before the server judges it: its name, and how large its file is. */
import type { Icon } from '../../../api/icons';
import { nameOf } from '../../../i18n';

/** As the server has it. */
const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const NAME_CHARS = 40;

export function isIconName(name: string): boolean {
  return NAME.test(name);
}

/** A name for what a file holds; empty where its own says nothing that a name may say. */
export function nameFromFile(file: string): string {
  const stem = file.replace(/\.[^.]*$/, '').toLowerCase();
  return stem
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, NAME_CHARS)
    .replace(/-+$/, '');
}

/** Those whose name, title or use has these words in it. */
export function iconsFound(icons: readonly Icon[], typed: string): Icon[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return icons.filter((icon) => {
    const uses = icon.uses.flatMap(({ layer, what }) => [nameOf(layer), nameOf(what)]);
    const text = [icon.name, nameOf(icon.title), ...uses].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
