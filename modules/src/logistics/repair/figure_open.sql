select count(*)::float8 from x_repair where phase = 'open'
