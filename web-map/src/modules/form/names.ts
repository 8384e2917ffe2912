/** The names of what a form points to: those that came with the document, and those chosen since. */
import { type InjectionKey, inject, provide, reactive } from 'vue';
import type { Refs } from '../../api/documents';
import type { Field } from '../../api/modules';
import { type Names, valueText } from '../value-text';

/** What a field can point to: none points to an account. */
type Pointed = Omit<Refs, 'accounts'>;

export interface NameBook {
  refs: Pointed;
  learn: (field: Pick<Field, 'type'>, id: number | string, name: string) => void;
  nameOf: (field: Field, id: unknown) => string;
}

const KEY: InjectionKey<NameBook> = Symbol('names');
const BOOKS: Partial<Record<Field['type'], keyof Pointed>> = {
  org: 'orgs',
  person: 'people',
  feature: 'features',
  document: 'documents',
};

export function provideNames(known?: Names): NameBook {
  const refs = reactive<Pointed>({
    orgs: { ...known?.orgs },
    people: { ...known?.people },
    features: { ...known?.features },
    documents: { ...known?.documents },
  });
  const book: NameBook = {
    refs,
    learn: ({ type }, id, name) => {
      const which = BOOKS[type];
      if (which) refs[which][String(id)] = name;
    },
    nameOf: (field, id) => valueText(field, id, refs),
  };
  provide(KEY, book);
  return book;
}

export function useNames(): NameBook {
  const book = inject(KEY, null);
  if (!book) throw new Error('a form provides the names of what its fields point to');
  return book;
}
