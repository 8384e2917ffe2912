/** Copies a text. An intranet without TLS has no clipboard interface: there the old command copies what is selected. */

/** False when neither way works: then `shown` is left selected, for the keyboard to copy. */
export async function copyText(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const selection = window.getSelection();
    selection?.selectAllChildren(shown);
    try {
      return document.execCommand('copy');
    } catch {
      return false;
    }
  }
}
