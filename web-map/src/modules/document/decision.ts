/** Where the rule that judged a document is written, and since when it holds, as far as that is known. */
import type { Decision } from '../../api/documents';
import { t } from '../../i18n';
import { dateText } from '../value-text';

export function sourceText({ document, clause, valid_from }: Decision): string {
  return valid_from === null
    ? t('decision.source', { document, clause })
    : t('decision.sourceFrom', { document, clause, from: dateText(valid_from) });
}
