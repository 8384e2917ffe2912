-- Rooms with major repairs or repair tickets that are not done.
select p.feature_id, case when bool_or(x.is_major) then 'major' else 'repair' end as class,
       null::text as color, ''::text as label, count(*)::double precision as value
from doc_place p
join (select doc_id, false as is_major from x_repair where phase = 'open'
      union all select doc_id, true from x_office_maintenance where phase = 'open') x using (doc_id)
group by p.feature_id
