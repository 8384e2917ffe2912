/** Vehicles: their list, their card and their marks on the map. */
import type { FeatureModule } from '../registry';

export const vehicles: FeatureModule = { kind: 'vehicle', layer: 'vehicles' };
