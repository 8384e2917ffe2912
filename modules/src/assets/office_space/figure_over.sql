select count(distinct (org_id, staff_no))::float8 from seat_over
