/** Words of the big screen. */
export const zh = {
  'screen.title': '大屏',
};

export const en: Record<keyof typeof zh, string> = {
  'screen.title': 'Big screen',
};
