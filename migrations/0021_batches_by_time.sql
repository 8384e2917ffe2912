-- Today's figure of the big screen asks for the batches since midnight; without this it reads every batch there ever was.
set local role onemap_owner;

create index position_batch_committed on position_batch (committed_at);

reset role;
