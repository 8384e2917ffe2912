/** The tokens of the theme as a canvas needs them: colours by value. */

export interface ChartLook {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  hover: string;
  accent: string;
  second: string;
  font: string;
}

export function lookOf(element: Element): ChartLook {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--om-${name}`).trim();
  return {
    text: token('text'),
    quiet: token('text-3'),
    line: token('line'),
    surface: token('surface'),
    hover: token('hover'),
    accent: token('accent'),
    second: token('warn'),
    font: token('font'),
  };
}

/** Calls `act` whenever the theme of the page is another one; returns the way to stop that. */
export function onTheme(act: () => void): () => void {
  const observer = new MutationObserver(act);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
