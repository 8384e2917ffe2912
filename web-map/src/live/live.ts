/** Joins the stream to the fleet, the fleet to the map, and tells the stores what happened. One for the whole page. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { effectScope, type WatchStopHandle, watch } from 'vue';
import { tellSessionNews } from '../api/session-news';
import { onRenewal } from '../identity/renewal';
import { useSession } from '../identity/session';
import { notifyLayerChanged, notifyStyleChanged } from '../map/changes';
import { onMapReady } from '../map/map';
import { useLink } from '../stores/link';
import { useView } from '../stores/view';
import { type BubbleColors, Bubbles } from './bubbles';
import { Clusters } from './clusters';
import { type Connection, snapshotChange } from './diff';
import { Fleet } from './fleet';
import { notifyFleetChanged } from './fleet-news';
import { readPalette } from './palette';
import { pick } from './pick';
import { PLATE_LAYER, Plates } from './plates';
import type { DeltaFrame, Frame, SnapshotFrame } from './protocol';
import { browser, LiveSocket, liveUrl } from './socket';
import { useLive } from './store';
import './live.css';
import { type Appearance, VEHICLE_LAYER, VehicleLayer } from './vehicle-layer';
import { answers, type View, withMargin } from './view-box';

/** The layer of the catalogue whose switch these marks obey. */
const CATALOGUE_LAYER = 'vehicles';
/** The name by which the server says that it lost count of what changed. */
const ALL_LAYERS = '*';
/** A first answer slower than this is reported as a lost server. */
const PATIENCE_MS = 3_000;
const SELECTED_EVERY_MS = 500;
const PICK_RADIUS_PX = { fine: 14, coarse: 24 };

export interface MapLook {
  /** 1 on a desk; marks and plates grow with it. */
  scale: number;
  framesPerSecond: number;
}

const DESK: MapLook = { scale: 1, framesPerSecond: 60 };

let live: LiveService | null = null;

/** Starts the stream on the first call; later calls answer the same service. */
export function startLive(): LiveService {
  // It outlives the page that asked for it first.
  live ??= effectScope(true).run(() => new LiveService()) ?? null;
  if (live === null) throw new Error('the live stream was not started');
  return live;
}

/** While a page draws vehicles of another time, those of now are not drawn. Does not start the stream. */
export function hideLive(hidden: boolean): void {
  live?.setHidden(hidden);
}

export class LiveService {
  readonly fleet = new Fleet();
  private readonly store = useLive();
  private readonly link = useLink();
  private readonly view = useView();
  private readonly session = useSession();
  private readonly appearance: Appearance = {
    palette: readPalette(document.documentElement),
    selected: null,
    alive: false,
    visible: true,
    ...DESK,
  };
  private readonly layer = new VehicleLayer(this.fleet, this.appearance);
  private readonly plates = new Plates(
    this.fleet,
    () => this.layer.camera,
    () => this.appearance.selected,
  );
  private readonly clusters = new Clusters();
  private readonly bubbles = new Bubbles();
  private bubbleColors: BubbleColors = readBubbleColors(document.documentElement);
  /** The vehicles that the server tells. Others may still be drawn, until the bubbles are that stand for them. */
  private told = new Set<number>();
  private readonly socket: LiveSocket;
  private map: MapLibreMap | null = null;
  private asked: View | null = null;
  /** True from a lost connection until it is back. */
  private missed = false;
  private stopFollowing: (() => void) | null = null;
  private readonly startedMs = performance.now();
  private hidden = false;

  constructor() {
    this.link.state = 'connecting';
    this.socket = new LiveSocket(
      liveUrl(window.location),
      {
        frame: (frame) => this.take(frame),
        state: (connection) => this.connectionIs(connection),
        ended: () => tellSessionNews('not-signed-in'),
      },
      browser(async () => (await this.session.load()) !== 'signed-out'),
    );
    this.socket.start();
    onRenewal(() => this.renew());
    onMapReady((map) => this.attach(map));
    this.watchView();
    setInterval(() => this.refreshSelected(), SELECTED_EVERY_MS);
  }

  /** How the marks are drawn on this kind of screen. */
  setLook(look: Partial<MapLook>): void {
    Object.assign(this.appearance, DESK, look);
    this.layer.changed();
  }

  setHidden(hidden: boolean): void {
    this.hidden = hidden;
    this.applyVisible();
    this.layer.changed();
  }

  pickAt(x: number, y: number): number | null {
    const { camera } = this.layer;
    if (camera === null || !this.appearance.visible) return null;
    const coarse = window.matchMedia('(pointer: coarse)').matches;
    const radius = coarse ? PICK_RADIUS_PX.coarse : PICK_RADIUS_PX.fine;
    return pick(this.fleet, camera, x, y, radius * this.appearance.scale, performance.now());
  }

  /** Keeps the camera on a vehicle until the viewer takes it away by hand. */
  follow(id: number | null): void {
    this.stopFollowing?.();
    this.stopFollowing = null;
    this.store.followed = null;
    const { map } = this;
    if (id === null || map === null) return;
    this.store.followed = id;
    let arrived = false;
    const keep = () => {
      const shown = this.fleet.shown(id, performance.now());
      if (shown === null || !arrived) return;
      const { lng, lat } = map.getCenter();
      // A camera that is set in every frame would never let the map rest.
      if (Math.abs(lng - shown.lon) + Math.abs(lat - shown.lat) > 1e-6) {
        map.setCenter([shown.lon, shown.lat]);
      }
    };
    const release = () => this.follow(null);
    map.on('render', keep);
    map.on('dragstart', release);
    map.once('moveend', () => {
      arrived = true;
    });
    const shown = this.fleet.shown(id, performance.now());
    if (shown === null) arrived = true;
    else map.easeTo({ center: [shown.lon, shown.lat], duration: 600 });
    this.stopFollowing = () => {
      map.off('render', keep);
      map.off('dragstart', release);
    };
  }

  private attach(map: MapLibreMap): void {
    if (this.map !== map) {
      this.follow(null);
      this.asked = null;
      // A change of theme is a difference of styles: it keeps the marks and drops what else was added.
      map.on('styledata', () => {
        if (map.style && !map.getSource(PLATE_LAYER)) this.dress(map);
      });
      map.on('moveend', () => this.viewMoved());
      map.on('resize', () => this.viewMoved());
      this.map = map;
    }
    this.dress(map);
    this.viewMoved();
  }

  /** Puts the marks and plates on a style that has none. */
  private dress(map: MapLibreMap): void {
    this.appearance.palette = readPalette(map.getContainer());
    yieldTiles(map);
    if (map.getLayer(VEHICLE_LAYER) === undefined) map.addLayer(this.layer);
    this.bubbleColors = readBubbleColors(map.getContainer());
    this.bubbles.attach(map, this.bubbleColors, this.appearance.scale, VEHICLE_LAYER);
    this.bubbles.setAlive(this.bubbleColors, this.appearance.alive);
    const css = getComputedStyle(map.getContainer());
    const colors = {
      text: css.getPropertyValue('--vehicle-plate').trim() || '#1c2733',
      halo: css.getPropertyValue('--vehicle-rim').trim() || '#ffffff',
    };
    this.plates.attach(map, colors, this.appearance.scale);
  }

  private viewMoved(): void {
    const { map } = this;
    if (map === null) return;
    const bounds = map.getBounds();
    const view: View = {
      bbox: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      zoom: map.getZoom(),
    };
    this.plates.moved();
    if (this.asked !== null && answers(this.asked, view, this.clusters.level)) return;
    this.asked = withMargin(view);
    this.socket.subscribe({ ...this.asked, layers: [CATALOGUE_LAYER] });
  }

  private take(frame: Frame): void {
    this.store.serverOffsetMs = frame.atMs - Date.now();
    switch (frame.type) {
      case 'snapshot':
        this.takeSnapshot(frame);
        break;
      case 'delta':
        this.takeDelta(frame);
        break;
      case 'layer_changed':
        if (frame.layer === ALL_LAYERS) this.everythingChanged();
        else notifyLayerChanged(frame);
        break;
      case 'rights_changed':
        tellSessionNews('rights-changed');
        break;
      case 'style_changed':
        notifyStyleChanged();
        break;
      case 'fleet_changed':
        notifyFleetChanged(frame.about);
        break;
      case 'heartbeat':
        this.store.counts = frame.counts;
        this.store.countsAtMs = Date.now();
        break;
      case 'unknown':
        break;
    }
    this.store.lastAtMs = Date.now();
    this.link.heard();
  }

  private takeSnapshot({ vehicles, clusters }: SnapshotFrame): void {
    this.told = new Set(vehicles.map(({ id }) => id));
    this.clusters.replace(clusters ?? null);
    const { upsert, remove } = snapshotChange(this.fleet.knownIds(), vehicles);
    const isCovered = clusters !== undefined && this.appearance.visible;
    this.fleet.apply({ upsert, remove: isCovered ? [] : remove }, performance.now());
    this.layer.changed();
    const drawn = this.showClusters();
    // Neither at the one nor at the other change is there a picture without vehicles.
    if (isCovered) void drawn.then(() => this.forgetUntold());
  }

  private takeDelta(frame: DeltaFrame): void {
    for (const id of frame.remove) this.told.delete(id);
    for (const { id } of frame.upsert) this.told.add(id);
    this.fleet.apply(frame, performance.now());
    this.layer.changed();
    if (frame.clusters === undefined) return;
    this.clusters.apply(frame.clusters);
    void this.showClusters();
  }

  private forgetUntold(): void {
    const remove = [...this.fleet.knownIds()].filter((id) => !this.told.has(id));
    if (remove.length === 0) return;
    this.fleet.apply({ upsert: [], remove }, performance.now());
    this.layer.changed();
  }

  /** Resolves once they are drawn. */
  private showClusters(): Promise<void> {
    const isShown = this.clusters.level !== null && this.appearance.visible;
    this.store.clustered = isShown ? this.clusters.total() : null;
    return this.bubbles.show(isShown ? this.clusters.all() : []);
  }

  private connectionIs(connection: Connection): void {
    const back = connection === 'live' && this.store.connection !== 'live';
    // What changed while nobody was heard is unknown, and tiles that failed are asked for again.
    if (back && this.missed) {
      this.everythingChanged();
      notifyStyleChanged();
      void this.session.load();
    }
    if (connection === 'offline' && this.store.lastAtMs !== null) this.missed = true;
    if (back) this.missed = false;
    this.store.connection = connection;
    if (connection !== 'live') {
      this.link.tick();
      const patient = performance.now() - this.startedMs < PATIENCE_MS;
      if (this.store.lastAtMs !== null || !patient) this.link.state = 'lost';
    }
    const alive = connection === 'live';
    if (alive !== this.appearance.alive) {
      this.appearance.alive = alive;
      this.bubbles.setAlive(this.bubbleColors, alive);
      this.layer.changed();
    }
  }

  private everythingChanged(): void {
    const { map } = this;
    if (!map?.style) return;
    for (const [layer, source] of Object.entries(map.getStyle().sources)) {
      if (source.type === 'vector') notifyLayerChanged({ layer, version: 0, bboxes: [] });
    }
  }

  /** What other rights have shown leaves the map at once; the server is asked for what these show. */
  private renew(): void {
    this.told.clear();
    this.clusters.replace(null);
    this.forgetUntold();
    void this.showClusters();
    this.store.counts = null;
    this.refreshSelected();
    this.socket.renew();
    this.everythingChanged();
  }

  private watchView(): WatchStopHandle {
    return watch(
      () => [this.view.selected, this.view.isLayerVisible(CATALOGUE_LAYER)] as const,
      ([selected]) => {
        this.appearance.selected = selected?.kind === 'vehicle' ? selected.id : null;
        this.socket.keep(this.appearance.selected === null ? [] : [this.appearance.selected]);
        this.applyVisible();
        if (this.store.followed !== null && this.store.followed !== this.appearance.selected) {
          this.follow(null);
        }
        this.refreshSelected();
        this.layer.changed();
      },
      { immediate: true },
    );
  }

  private applyVisible(): void {
    const visible = !this.hidden && this.view.isLayerVisible(CATALOGUE_LAYER);
    this.appearance.visible = visible;
    this.plates.setVisible(visible);
    void this.showClusters();
  }

  private refreshSelected(): void {
    const id = this.appearance.selected;
    if (id === null && this.store.selected === null) return;
    this.store.selected = id === null ? null : this.fleet.shown(id, performance.now());
  }
}

function readBubbleColors(element: Element): BubbleColors {
  const css = getComputedStyle(element);
  const read = (name: string, light: string): string => css.getPropertyValue(name).trim() || light;
  return {
    disc: read('--vehicle-rim', '#ffffff'),
    text: read('--vehicle-plate', '#1c2126'),
    moving: read('--vehicle-moving', '#00796b'),
    idle: read('--vehicle-idle', '#c77700'),
    offline: read('--vehicle-offline', '#66707a'),
  };
}

/** The tiles carry the vehicles too, for other clients; here the live marks stand in their place. */
function yieldTiles(map: MapLibreMap): void {
  for (const layer of map.getStyle().layers) {
    if ('source' in layer && layer.source === CATALOGUE_LAYER) {
      map.setLayerZoomRange(layer.id, 24, 24);
    }
  }
}
