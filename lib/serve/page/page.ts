export const page = '<!doctype html><title>Reprise</title>';
