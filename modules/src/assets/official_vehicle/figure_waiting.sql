select count(*)::float8 from x_vehicle_request where state = 'approved'
