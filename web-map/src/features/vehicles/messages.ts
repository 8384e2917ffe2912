/** Words of the vehicle list and card. */
export const zh = {
  'vehicles.title': '车辆',
};

export const en: Record<keyof typeof zh, string> = {
  'vehicles.title': 'Vehicles',
};
