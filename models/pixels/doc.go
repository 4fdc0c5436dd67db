// Package pixels turns images into pixel_values as the image processors of transformers 5.23 do, following a model's
// preprocessor_config.json: RGB, resize, centre crop, rescale, normalize. Resizing is Pillow's: antialiased filters in
// fixed-point arithmetic on 8 bits, bit for bit (Pillow 13, src/libImaging/Resample.c and Geometry.c define it).
//
// Truth for the tests comes from Pillow and transformers by testdata/images/make.py.
package pixels
