select p.feature_id, case when bool_or(x.phase = 'open') then 'due' else 'clean' end as class,
       null::text as color, ''::text as label, sum(x.windows)::double precision as value
from doc_place p
join x_window_cleaning x using (doc_id)
where x.phase <> 'draft'
group by p.feature_id
