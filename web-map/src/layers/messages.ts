/** Words of the themes and base maps on the map. */
export const zh = {
  'theme.legend': '专题图例',
  'theme.rooms': '没有房间 | {count} 间 | {count} 间',
  'theme.fold': '收起图例',
  'theme.unfold': '展开图例',
  'theme.off': '关闭专题“{name}”',
  'theme.openFloor': '点击房屋，打开一层后按房间着色',
  'theme.zoomIn': '放大到 {zoom} 级后显示',
  'theme.figures': '“{name}”的指标',
  'base.title': '背景地图',
  'base.none': '无',
};

export const en: Record<keyof typeof zh, string> = {
  'theme.legend': 'Legend of the theme',
  'theme.rooms': 'no rooms | {count} room | {count} rooms',
  'theme.fold': 'Fold the legend',
  'theme.unfold': 'Unfold the legend',
  'theme.off': 'Switch off {name}',
  'theme.openFloor': 'Choose a building: the rooms of its open floor are coloured',
  'theme.zoomIn': 'Shown from zoom {zoom}',
  'theme.figures': 'Figures of {name}',
  'base.title': 'Background map',
  'base.none': 'None',
};
