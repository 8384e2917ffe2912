select coalesce(sum(windows), 0)::float8 from x_window_cleaning where phase = 'open'
