select count(*)::float8 from x_vehicle_order where state = 'out'
