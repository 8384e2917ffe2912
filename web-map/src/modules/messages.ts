/** Words of the business modules. */
import * as document from './messages/document';
import * as form from './messages/form';
import * as list from './messages/list';

export const zh = { ...list.zh, ...form.zh, ...document.zh };
export const en: Record<keyof typeof zh, string> = { ...list.en, ...form.en, ...document.en };
