/** Words of the shell. */
export const zh = {
  'app.title': '机关事务一张图',
};

export const en: Record<keyof typeof zh, string> = {
  'app.title': 'OneMap',
};
