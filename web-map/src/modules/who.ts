/** Who did something, in words: what the program itself has done is nobody's. */
import { t } from '../i18n';
import { plainText } from './value-text';

export function whoText(who: unknown): string {
  const text = plainText(who);
  return text === '' || text === 'program' ? t('document.somebody') : text;
}
