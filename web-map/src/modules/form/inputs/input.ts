/** What every input of a form is given. */
import type { Field } from '../../../api/modules';

export interface InputProps {
  id: string;
  field: Field;
  /** In a table: its name is said, not shown. */
  bare: boolean;
  invalid: boolean;
  /** The id of the text about it. */
  note?: string | undefined;
  labelledBy: string;
}
