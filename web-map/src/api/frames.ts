/** Frames of JT/T 808, explained byte by byte. */
import { call } from './client';
import type { Bilingual } from './types';

/** Some bytes of a frame and what they mean. */
export interface FramePart {
  /** Offsets in the frame as it came. The parts follow each other without a gap; what is missing has no bytes. */
  range: { start: number; end: number };
  /** In a batch: which of its locations, from 1. */
  location: number | null;
  name: Bilingual;
  /** Two digits a byte. */
  hex: string;
  /** Empty where the field says nothing. */
  meaning: Bilingual;
  fault: Bilingual | null;
}

export interface Frame {
  parts: FramePart[];
}

/** The server takes no more at once. */
export const HEX_CHARS = 16_384;

export const explainFrames = async (hex: string, signal?: AbortSignal): Promise<Frame[]> =>
  (await call<{ frames: Frame[] }>('/jt808/explain', { query: { hex }, signal })).frames;
