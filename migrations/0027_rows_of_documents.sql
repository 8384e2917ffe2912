-- What a document's page reads comes by the document's key, in the order it is shown in. `offset 0` keeps the planner from
-- reading every document of a viewer first to judge a few rows: each row's own document is looked up.
set local role onemap_owner;

create index doc_comment_of on doc_comment (doc_id, doc_comment_id);
drop index doc_comment_doc;
create index doc_attachment_of on doc_attachment (doc_id, doc_attachment_id);
create index doc_attachment_file on doc_attachment (sha256);
drop index approval_task_due;
create index approval_task_due on approval_task (due_at) where state = 'open' and due_at is not null;

do $$
declare relation text;
begin
    foreach relation in array array['doc_event', 'doc_line', 'doc_comment', 'doc_attachment', 'doc_decision', 'approval',
                                    'approval_task', 'approval_copy', 'space_posting'] loop
        execute format('alter policy of_document on %I using ((select viewer_is_program()) or '
            'exists (select from doc d where d.doc_id = %1$I.doc_id offset 0))', relation);
    end loop;
end $$;
alter policy of_target on doc_link using ((select viewer_is_program())
    or (feature_id is not null and exists (select from feature f where f.feature_id = doc_link.feature_id offset 0))
    or (feature_id is null and exists (select from doc d where d.doc_id = doc_link.doc_id offset 0)));
alter policy of_place on doc_place using ((select viewer_is_program())
    or exists (select from feature f where f.feature_id = doc_place.feature_id offset 0));
alter policy of_documents on attachment using ((select viewer_is_program())
    or exists (select from doc_attachment a where a.sha256 = attachment.sha256 offset 0));
alter policy of_approval on approval_deed using ((select viewer_is_program())
    or exists (select from approval a where a.approval_id = approval_deed.approval_id offset 0));

reset role;
